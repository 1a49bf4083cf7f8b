//! How long is waited: for silent agents, and for tasks that have just begun to run.

use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// An agent that says nothing for this long, though it is asked, is taken to be disconnected.
    pub agent_silence: Duration,
    /// An agent that is disconnected for this long has lost its host, and its tasks are ended in the records. `None`:
    /// never, as in ECS.
    pub lost_after: Option<Duration>,
    /// How long a service's task without a health check has to run before it counts as healthy.
    pub task_warm_up: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            // Three heartbeats.
            agent_silence: Duration::from_secs(75),
            lost_after: Some(Duration::from_secs(10 * 60)),
            task_warm_up: berth_deployment::Service::WARM_UP,
        }
    }
}

impl Patience {
    /// How often an agent is asked for a sign of life.
    ///
    /// AWS: an agent hangs up itself after a minute or two of silence.
    pub fn heartbeat(&self) -> Duration {
        const AT_LEAST: Duration = Duration::from_secs(25);
        (self.agent_silence / 3).min(AT_LEAST)
    }
}
