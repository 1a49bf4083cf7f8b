//! From what the store has to a running cell.

use std::sync::Arc;

use arc_swap::ArcSwap;
use berth_store::{Revision, Store};
use tokio::sync::{broadcast, mpsc};

use super::barrier::Barrier;
use super::course::{Course, Standing};
use super::task::Task;
use super::writer::Writer;
use super::{Cell, Election, OpenError, Shared, Transaction, follower};
use crate::tables::Schema;

/// How a cell trades latency, memory and throughput.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who campaigns for the leadership: where other servers reach this one, or any name if there are none.
    pub candidate: String,
    /// The most transactions that become durable together.
    pub batch_transactions: usize,
    /// A batch that has reached this many bytes takes no more transactions.
    pub batch_bytes: usize,
    /// How many transactions may wait for the writer before `write` itself waits.
    pub queue: usize,
    /// How many batches a subscriber may be behind before it has to resync.
    pub subscriber_lag: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            candidate: "berth".to_owned(),
            batch_transactions: 1024,
            batch_bytes: 4 << 20,
            queue: 4096,
            subscriber_lag: 1024,
        }
    }
}

/// A cell that leads from the beginning, and gives way to nobody.
pub(super) async fn open(
    store: Arc<dyn Store>,
    schema: Schema,
    options: Options,
) -> Result<Cell, OpenError> {
    // Lead first, load then: what an earlier leader still commits would otherwise be missed.
    let leadership = store.campaign(&options.candidate).await?;
    let (transaction, applied) = load(&*store, &schema).await?;
    tracing::info!(fence = %leadership.fence, "cell opened");
    let (cell, task) = assemble(store, None, transaction, applied, options);
    let writer = Writer::new(task, leadership, None);
    tokio::spawn(writer.run());
    Ok(cell)
}

/// A cell that follows until it is elected.
pub(super) async fn follow(
    store: Arc<dyn Store>,
    schema: Schema,
    options: Options,
) -> Result<Cell, OpenError> {
    let (transaction, applied) = load(&*store, &schema).await?;
    let election = Election { barrier: Barrier::new(store.clone()), leader: store.leader() };
    let (cell, mut task) = assemble(store, Some(election), transaction, applied, options);
    tokio::spawn(async move {
        match follower::follow(&mut task).await {
            Ok(leadership) => {
                let fence = leadership.fence;
                tracing::info!(%fence, "leading");
                Writer::new(task, leadership, Some(fence)).run().await;
            }
            Err(reason) => task.end(reason, None, Vec::new()).await,
        }
    });
    Ok(cell)
}

async fn load(store: &dyn Store, schema: &Schema) -> Result<(Transaction, Revision), OpenError> {
    let loaded = store.load().await?;
    let mut transaction = Transaction::new(schema);
    transaction.fill(&loaded)?;
    tracing::info!(records = loaded.records.len(), revision = %loaded.revision, "loaded");
    metrics::gauge!("berth_cell_leading").set(0);
    metrics::gauge!("berth_cell_revision").set(loaded.revision.0 as f64);
    Ok((transaction, loaded.revision))
}

fn assemble(
    store: Arc<dyn Store>,
    election: Option<Election>,
    mut transaction: Transaction,
    applied: Revision,
    options: Options,
) -> (Cell, Task) {
    let standing = Standing::Following {
        leader: election.as_ref().and_then(|election| election.leader.borrow().clone()),
    };
    let (sender, requests) = mpsc::channel(options.queue.max(1));
    let (commits, _) = broadcast::channel(options.subscriber_lag.max(1));
    let shared = Arc::new(Shared {
        published: ArcSwap::from_pointee(transaction.publish()),
        commits: commits.downgrade(),
        course: Course::new(standing, applied),
        election,
    });
    let closers = Vec::new();
    let task =
        Task { store, transaction, requests, commits, shared: shared.clone(), options, closers };
    (Cell { requests: sender, shared }, task)
}
