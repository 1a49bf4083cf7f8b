//! One light agent: a host that registers, and then holds two sessions side by side.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

use super::endpoints::{self, Known};
use super::failure::End;
use super::options::Options;
use super::reconnection::Reconnection;
use super::registration;
use super::tally::Tally;
use super::tasks::{Definitions, Tasks};
use super::wire::Wire;

/// What all agents share.
pub(super) struct Fleet {
    pub(super) options: Options,
    pub(super) wire: Wire,
    pub(super) tally: Tally,
    pub(super) endpoints: endpoints::Latest,
    pub(super) definitions: Definitions,
}

impl Fleet {
    pub(super) async fn new(options: Options) -> anyhow::Result<Fleet> {
        Ok(Fleet {
            wire: Wire::new(&options).await?,
            tally: Tally::default(),
            endpoints: endpoints::Latest::default(),
            definitions: Definitions::default(),
            options,
        })
    }
}

/// A registered agent.
pub(super) struct Agent {
    pub(super) fleet: Arc<Fleet>,
    pub(super) number: usize,
    pub(super) instance: Box<str>,
    pub(super) endpoints: Known,
    pub(super) tasks: Tasks,
    /// The highest number of a payload or manifest; −1 before the first.
    sequence: AtomicI64,
}

/// Runs until it is dropped, or the server will not have it.
pub(super) async fn live(fleet: Arc<Fleet>, number: usize, has_telemetry: bool) {
    let begun = Instant::now();
    let instance = match registration::register(&fleet, number).await {
        Ok(instance) => instance,
        Err(reason) => {
            fleet.tally.turned_away.add();
            tracing::error!(number, reason, "an agent is turned away");
            return;
        }
    };
    let agent = Arc::new(Agent {
        fleet,
        number,
        instance,
        endpoints: Known::default(),
        tasks: Tasks::default(),
        sequence: AtomicI64::new(-1),
    });
    if has_telemetry {
        tokio::join!(assign(&agent, begun), publish(&agent));
    } else {
        assign(&agent, begun).await;
    }
}

/// Holds the assignment session.
async fn assign(agent: &Arc<Agent>, begun: Instant) {
    let mut waits = Reconnection::of_assignments();
    let mut is_first = true;
    loop {
        let since = Instant::now();
        let end = match agent.open_assignments(is_first).await {
            Ok(socket) => {
                if std::mem::take(&mut is_first) {
                    agent.fleet.tally.joined(begun.elapsed());
                }
                agent.obey(socket).await
            }
            Err(end) => agent.unopened(end).await,
        };
        rest(agent, "assignments", &mut waits, &end, since.elapsed()).await;
    }
}

/// Holds the telemetry session.
async fn publish(agent: &Arc<Agent>) {
    let mut waits = Reconnection::of_telemetry();
    loop {
        let since = Instant::now();
        let end = match agent.open_telemetry().await {
            Ok(session) => session.run().await,
            Err(end) => agent.unopened(end).await,
        };
        rest(agent, "telemetry", &mut waits, &end, since.elapsed()).await;
    }
}

async fn rest(agent: &Agent, of: &str, waits: &mut Reconnection, end: &End, lived: Duration) {
    let wait = waits.after(end, lived, &agent.fleet.wire);
    tracing::debug!(agent = agent.number, of, %end, ?lived, ?wait, "a session is over");
    tokio::time::sleep(wait).await;
}

impl Agent {
    /// A socket that did not open: where to open it is asked again.
    async fn unopened(&self, end: End) -> End {
        self.fleet.tally.refused.add();
        if matches!(end, End::Failed(_)) {
            self.endpoints.doubt().await;
        }
        end
    }

    /// Moves the one counter of payloads and manifests; false if it is there already.
    pub(super) fn advance(&self, number: i64) -> bool {
        self.sequence.fetch_max(number, Relaxed) < number
    }
}
