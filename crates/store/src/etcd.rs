//! A store in etcd, for several servers: one leads and writes, the others follow and are ready to lead.
//!
//! A batch is one entry of a log, so that a commit is one small transaction however many records it writes;
//! the leader folds the log into records behind its back. Each transaction of a leader compares the key
//! that made it the leader, so that nothing of a deposed one comes through, however late. ADR 25 has the
//! reasons.
//!
//! Start with `layout.rs` for what is in etcd. Then `writer.rs` (commits), `election.rs` and `leading.rs`
//! (who leads), `follow.rs`, `load.rs`, `fold.rs`. `client.rs` is how etcd is spoken to.

mod client;
mod election;
mod entry;
mod failure;
mod fold;
mod follow;
mod layout;
mod leading;
mod load;
mod log;
mod messages;
mod opening;
mod options;
mod record;
mod report;
mod request;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use tokio::sync::watch;

use self::client::Client;
use self::election::Observer;
use self::layout::Layout;
use self::leading::Leading;
pub use self::options::{EtcdLogin, EtcdOptions, EtcdTls};
pub use self::report::{CellReport, EtcdReport, MemberReport, MemberStatus};
use crate::{Batch, Committed, Fence, Leader, Leadership, Loaded, Revision, Store, StoreError};

/// One server's view of a cell that is kept in etcd.
///
/// Dropping it ends its leadership, if it has one, and lets another server lead.
pub struct EtcdStore {
    place: Place,
    observer: Observer,
    leading: Mutex<Option<Leading>>,
}

/// Where the cell is: what all parts need.
#[derive(Clone)]
struct Place {
    client: Client,
    layout: Layout,
    options: Arc<EtcdOptions>,
}

impl Place {
    /// For messages.
    fn name(&self) -> String {
        format!("{} under {}", self.client.name(), self.layout.prefix())
    }

    fn failed(&self, failure: failure::Failure) -> StoreError {
        failure.of_store(&self.name())
    }

    fn corrupt(&self, detail: impl Into<String>) -> StoreError {
        StoreError::Corrupt { place: self.name(), detail: detail.into() }
    }

    async fn head(&self) -> Result<Revision, StoreError> {
        let found = self.client.range(request::get(self.layout.head())).await;
        let found = found.map_err(|failure| self.failed(failure))?;
        let head = found.kvs.first().and_then(|kv| layout::number(&kv.value));
        head.map(Revision).ok_or_else(|| self.corrupt("its head is missing"))
    }
}

impl EtcdStore {
    /// Connects, and makes the cell if there is none yet.
    pub async fn open(options: EtcdOptions) -> Result<Self, StoreError> {
        let place = Place {
            client: Client::new(&options)?,
            layout: Layout::new(&options.prefix),
            options: Arc::new(options),
        };
        opening::open(&place).await?;
        let observer = Observer::start(place.clone());
        Ok(EtcdStore { place, observer, leading: Mutex::new(None) })
    }

    /// Looks at a cluster, and the cell in it, without opening it.
    pub async fn inspect(options: &EtcdOptions) -> Result<EtcdReport, StoreError> {
        report::inspect(options).await
    }

    /// Folds the whole log into the records now, and forgets what followers need not have any more.
    /// Nothing, if this store does not lead.
    pub async fn fold(&self) -> Result<(), StoreError> {
        let folding = self.leading().as_ref().map(Leading::folding);
        match folding {
            Some(folding) => folding.now().await,
            None => Ok(()),
        }
    }

    fn leading(&self) -> std::sync::MutexGuard<'_, Option<Leading>> {
        // Nothing that can panic runs while it is held.
        self.leading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leads(&self, fence: Fence) -> Result<writer::Asks, StoreError> {
        let leading = self.leading();
        let current = leading.as_ref().map(Leading::fence).unwrap_or_default();
        let known = self.observer.leader().borrow().as_ref().map(|leader| leader.fence);
        match leading.as_ref() {
            Some(leading) if current == fence => Ok(leading.asks()),
            _ => Err(StoreError::Fenced {
                given: fence,
                current: current.max(known.unwrap_or_default()),
            }),
        }
    }
}

#[async_trait]
impl Store for EtcdStore {
    async fn load(&self) -> Result<Loaded, StoreError> {
        load::load(&self.place).await
    }

    async fn head(&self) -> Result<Revision, StoreError> {
        self.place.head().await
    }

    async fn commit(&self, fence: Fence, batch: Batch) -> Result<Revision, StoreError> {
        self.leads(fence)?.commit(fence, batch).await
    }

    async fn watch(
        &self,
        from: Revision,
    ) -> Result<BoxStream<'static, Result<Committed, StoreError>>, StoreError> {
        follow::follow(self.place.clone(), from).await
    }

    async fn campaign(&self, candidate: &str) -> Result<Leadership, StoreError> {
        let before = self.leading().take();
        if let Some(before) = before {
            // Its lease would end it anyway.
            if let Err(error) = before.resign().await {
                tracing::warn!(%error, "the leadership before has to run out");
            }
        }
        let (leading, leadership) = self.observer.campaign(candidate).await?;
        *self.leading() = Some(leading);
        Ok(leadership)
    }

    async fn resign(&self, fence: Fence) -> Result<(), StoreError> {
        let leading = self.leading().take_if(|leading| leading.fence() == fence);
        match leading {
            Some(leading) => leading.resign().await,
            None => Ok(()),
        }
    }

    fn leader(&self) -> watch::Receiver<Option<Leader>> {
        self.observer.leader()
    }
}
