//! How long is waited: for silent agents, for tasks that have just begun to run, until credentials are renewed.

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
    /// How long the credentials of a task's roles are good for. They are renewed when half of it has passed: a control
    /// plane may be away for the other half, and no task notices.
    pub role_credentials: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            // Three heartbeats.
            agent_silence: Duration::from_secs(75),
            lost_after: Some(Duration::from_secs(10 * 60)),
            task_warm_up: berth_deployment::Service::WARM_UP,
            // AWS: six hours.
            role_credentials: Duration::from_secs(6 * 60 * 60),
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
