//! What a fleet is told.

use std::time::Duration;

use berth_aws_protocol::sigv4::Credentials;

/// How large a fleet is and what it does. `Options::new` and struct update give the rest.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server, `http://host:port`.
    pub endpoint: String,
    pub region: String,
    pub credentials: Credentials,
    /// The cluster to join; made if there is none of this name.
    pub cluster: String,
    pub agents: usize,
    /// How many agents begin to join in a second; `None`: all at once.
    pub joins_per_second: Option<u32>,
    /// How many tasks run on the fleet while it is measured.
    pub tasks: usize,
    /// How many calls, and how many openings of web sockets, are under way at once.
    pub concurrency: usize,
    /// How often an agent publishes what its tasks use.
    pub publish_every: Duration,
    /// How long the fleet may take to join, and then to run its tasks.
    pub patience: Duration,
    /// How long to wait after that, until every agent has published and been sent a heartbeat.
    pub settle: Duration,
    /// How long the steady state is measured.
    pub measure: Duration,
    /// Where jitter comes from.
    pub seed: u64,
}

impl Options {
    pub fn new(
        endpoint: impl Into<String>,
        region: impl Into<String>,
        credentials: Credentials,
    ) -> Self {
        Self {
            endpoint: endpoint.into(),
            region: region.into(),
            credentials,
            cluster: "fleet".to_owned(),
            agents: 1_000,
            joins_per_second: None,
            tasks: 0,
            concurrency: 128,
            // AWS: the agent's own interval.
            publish_every: Duration::from_secs(20),
            patience: Duration::from_secs(600),
            settle: Duration::from_secs(30),
            measure: Duration::from_secs(60),
            seed: 0,
        }
    }
}
