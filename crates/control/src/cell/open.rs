//! From what the store has to a running cell.

use std::sync::Arc;

use arc_swap::ArcSwap;
use berth_store::{Loaded, Store};
use tokio::sync::{broadcast, mpsc, watch};

use super::writer::Writer;
use super::{Cell, OpenError, Shared, Transaction};
use crate::tables::Schema;

/// How a cell trades latency, memory and throughput.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who campaigns for the leadership: this server's name.
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

pub(super) async fn open(
    store: Arc<dyn Store>,
    schema: Schema,
    options: Options,
) -> Result<Cell, OpenError> {
    // Lead first, load then: what an earlier leader still commits would otherwise be missed.
    let leadership = store.campaign(&options.candidate).await?;
    let loaded = store.load().await?;
    let mut transaction = Transaction::new(&schema);
    fill(&mut transaction, &loaded)?;
    tracing::info!(records = loaded.records.len(), revision = %loaded.revision, fence = %leadership.fence, "cell opened");
    drop(loaded);

    let (requests, received) = mpsc::channel(options.queue.max(1));
    let (commits, _) = broadcast::channel(options.subscriber_lag.max(1));
    let shared = Arc::new(Shared {
        published: ArcSwap::from_pointee(transaction.publish()),
        commits: commits.downgrade(),
        ended: watch::Sender::new(None),
    });
    let writer =
        Writer::new(store, leadership, transaction, received, commits, shared.clone(), options);
    tokio::spawn(writer.run());
    Ok(Cell { requests, shared })
}

fn fill(transaction: &mut Transaction, loaded: &Loaded) -> Result<(), OpenError> {
    for (key, value) in &loaded.records {
        let Some(table) = transaction.table_numbered(key.table) else {
            let records =
                loaded.records.iter().filter(|(other, _)| other.table == key.table).count();
            return Err(OpenError::UnknownTable { number: key.table, records });
        };
        table.load(&key.key, value).map_err(|source| OpenError::Record {
            table: table.id(),
            key: format!("{:?}", key.key),
            source,
        })?;
    }
    Ok(())
}
