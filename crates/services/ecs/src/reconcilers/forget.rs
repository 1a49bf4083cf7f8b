//! Forgets what is over: stopped tasks, deregistered container instances, deleted clusters and services, the
//! history of services.
//!
//! AWS: a stopped task stays visible for at least an hour, a deregistered instance for a while.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::time::Duration;

use async_trait::async_trait;
use berth_control::cell::{Cell, Snapshot, Transaction};
use berth_control::env::Env;
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::{Change, Index, Record, View};
use berth_model::Timestamp;

use crate::service_history;
use crate::tables::{
    CapacityProvider, Cluster, ContainerInstance, ResolvedImages, Service, ServiceDeployment,
    ServiceRevision, Task,
};

/// The most rows that one transaction forgets.
const AT_ONCE: usize = 500;

/// A record that is kept for a while after it is over.
pub trait Ends: Record {
    const RECONCILER: &'static str;
    const REMEMBERED: Duration;

    /// The rows that are over, by when that was.
    fn over(indexes: &Self::Indexes) -> &Index<Timestamp, Self::Key>;

    /// Deletes the row, with what is its alone.
    fn forget(tx: &mut Transaction, key: &Self::Key) {
        tx.delete::<Self>(key);
    }
}

impl Ends for Task {
    const RECONCILER: &'static str = "forget-stopped-tasks";
    const REMEMBERED: Duration = Duration::from_secs(60 * 60);

    fn over(indexes: &Self::Indexes) -> &Index<Timestamp, Self::Key> {
        &indexes.by_stopped_at
    }
}

impl Ends for ContainerInstance {
    const RECONCILER: &'static str = "forget-deregistered-instances";
    /// Longer than its tasks are, which still name it.
    const REMEMBERED: Duration = Duration::from_secs(2 * 60 * 60);

    fn over(indexes: &Self::Indexes) -> &Index<Timestamp, Self::Key> {
        &indexes.by_deregistered_at
    }
}

impl Ends for Cluster {
    const RECONCILER: &'static str = "forget-deleted-clusters";
    const REMEMBERED: Duration = Duration::from_secs(3 * 60 * 60);

    fn over(indexes: &Self::Indexes) -> &Index<Timestamp, Self::Key> {
        &indexes.by_deleted_at
    }
}

impl Ends for CapacityProvider {
    const RECONCILER: &'static str = "forget-deleted-capacity-providers";
    const REMEMBERED: Duration = Duration::from_secs(3 * 60 * 60);

    fn over(indexes: &Self::Indexes) -> &Index<Timestamp, Self::Key> {
        &indexes.by_deleted_at
    }
}

impl Ends for Service {
    const RECONCILER: &'static str = "forget-inactive-services";
    /// Longer than its tasks are, which still belong to it.
    const REMEMBERED: Duration = Duration::from_secs(2 * 60 * 60);

    fn over(indexes: &Self::Indexes) -> &Index<Timestamp, Self::Key> {
        &indexes.by_inactive_at
    }

    fn forget(tx: &mut Transaction, key: &Self::Key) {
        service_history::forget(tx, *key);
    }
}

impl Ends for ServiceDeployment {
    const RECONCILER: &'static str = "forget-service-deployments";
    /// AWS: the history of a service goes back 90 days.
    const REMEMBERED: Duration = Duration::from_secs(90 * 24 * 60 * 60);

    fn over(indexes: &Self::Indexes) -> &Index<Timestamp, Self::Key> {
        &indexes.by_ended_at
    }

    fn forget(tx: &mut Transaction, key: &Self::Key) {
        tx.delete::<ServiceRevision>(key);
        tx.delete::<ResolvedImages>(key);
        tx.delete::<Self>(key);
    }
}

/// Deletes rows that have been over for long enough, on the driver's timer.
pub struct Forget<R> {
    cell: Cell,
    env: Env,
    record: PhantomData<fn() -> R>,
}

impl<R: Ends> Forget<R> {
    pub fn new(cell: Cell, env: Env) -> Self {
        Self { cell, env, record: PhantomData }
    }
}

fn due<R: Ends>(view: &impl View, now: Timestamp) -> Vec<R::Key> {
    let over = R::over(view.table::<R>().indexes());
    over.range(..=now - R::REMEMBERED).take(AT_ONCE).map(|(_, key)| key.clone()).collect()
}

#[async_trait]
impl<R: Ends> Reconciler for Forget<R> {
    /// All rows together.
    type Key = ();

    fn name(&self) -> &'static str {
        R::RECONCILER
    }

    fn keys(&self, _: &Snapshot) -> Vec<()> {
        vec![()]
    }

    fn wakes(&self, _: &Change, _: &mut dyn FnMut(())) {}

    async fn reconcile(&self, (): &()) -> anyhow::Result<Next> {
        let now = self.env.now();
        while !due::<R>(&self.cell.snapshot(), now).is_empty() {
            let forget = move |tx: &mut Transaction| {
                // Looked up anew: a deleted cluster may have been created again by now.
                for key in due::<R>(tx, now) {
                    R::forget(tx, &key);
                }
                Ok::<_, Infallible>(())
            };
            self.cell.write(forget).await?;
        }
        Ok(Next::Done)
    }
}
