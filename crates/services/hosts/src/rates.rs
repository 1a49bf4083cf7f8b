//! How often each call about activations may be made.
//!
//! AWS tells no numbers for them: these are as for the container instances of ECS that come of it.

use berth_control::pipeline::throttle::Category;

use crate::own_host::AGENT_ACTIONS;

/// Burst, and how many a second come back.
pub static RATES: &[Category] = &[
    Category::new(
        "Activation modify actions",
        (100, 40),
        &["CreateActivation", "DeleteActivation", "DeregisterManagedInstance"],
    ),
    Category::new(
        "Activation read actions",
        (100, 20),
        &["DescribeActivations", "DescribeInstanceInformation"],
    ),
    // What an agent asks twice in some hours.
    Category::new("Own host actions", (20, 2), AGENT_ACTIONS),
];
