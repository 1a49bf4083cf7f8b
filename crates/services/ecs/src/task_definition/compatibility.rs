//! Where a task definition could run: those it demands are checked, those it fits are found.

use berth_aws_api::ecs as api;

use super::{Verdict, external, fargate, managed_instances, refuse_unless, requires};

type Rules = fn(&api::TaskDefinition) -> Verdict;

/// In the order in which ECS shows them.
const ALL: [(api::Compatibility, Rules); 4] = [
    (api::Compatibility::External, external::check),
    (api::Compatibility::Ec2, ec2),
    (api::Compatibility::Fargate, fargate::check),
    (api::Compatibility::ManagedInstances, managed_instances::check),
];

/// What the user demands must hold; the error is that of the first rule which does not.
pub fn check_required(definition: &api::TaskDefinition) -> Verdict {
    for (compatibility, rules) in &ALL {
        if requires(definition, compatibility) {
            rules(definition)?;
        }
    }
    Ok(())
}

pub fn of(definition: &api::TaskDefinition) -> Vec<api::Compatibility> {
    let fits = ALL.iter().filter(|(_, rules)| rules(definition).is_ok());
    fits.map(|(compatibility, _)| compatibility.clone()).collect()
}

/// An instance of one's own can do everything but trusted execution.
fn ec2(definition: &api::TaskDefinition) -> Verdict {
    refuse_unless(definition.trusted_execution_configuration.is_none(), || {
        "EC2 compatible task definitions do not support trustedExecutionConfiguration".to_owned()
    })
}
