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

use crate::limits::Limits;
use crate::service::Ecs;
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

    /// How many that are over are remembered at most. The oldest make room, however long ago they ended.
    fn most(_: &Limits) -> usize {
        usize::MAX
    }

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

    /// DEVIATES: AWS remembers every stopped task for an hour; here only so many, which fast job queues reach.
    fn most(limits: &Limits) -> usize {
        limits.stopped_tasks
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
    most: usize,
    record: PhantomData<fn() -> R>,
}

impl<R: Ends> Forget<R> {
    pub fn new(ecs: &Ecs) -> Self {
        let most = R::most(&ecs.limits);
        Self { cell: ecs.cell.clone(), env: ecs.env.clone(), most, record: PhantomData }
    }
}

/// The oldest first.
fn due<R: Ends>(view: &impl View, now: Timestamp, most: usize) -> Vec<R::Key> {
    let over = R::over(view.table::<R>().indexes());
    let too_many = over.len().saturating_sub(most);
    let until = now - R::REMEMBERED;
    let due =
        over.iter().enumerate().take_while(|(at, (ended, _))| *at < too_many || **ended <= until);
    due.take(AT_ONCE).map(|(_, (_, key))| key.clone()).collect()
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
        let (now, most) = (self.env.now(), self.most);
        while !due::<R>(&self.cell.snapshot(), now, most).is_empty() {
            let forget = move |tx: &mut Transaction| {
                // Looked up anew: a deleted cluster may have been created again by now.
                for key in due::<R>(tx, now, most) {
                    R::forget(tx, &key);
                }
                Ok::<_, Infallible>(())
            };
            self.cell.write(forget).await?;
        }
        Ok(Next::Done)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use berth_control::tables::Schema;
    use berth_model::{ClusterArn, ClusterId, TaskDefinitionId, TaskId, TaskStatus};
    use berth_store::MemoryStore;

    use super::*;

    /// Ended so many milliseconds ago.
    fn ended(number: u8, ago: u64, now: Timestamp) -> Task {
        let arn: ClusterArn =
            "arn:aws:ecs:us-east-1:123456789012:cluster/c".parse().expect("an ARN");
        let mut task = Task::new(
            TaskId::from_bytes([number; 16]),
            ClusterId::from_bytes([1; 16]),
            arn.scope,
            TaskDefinitionId::from_bytes([1; 16]),
            "web".parse().expect("a family"),
            now,
        );
        task.last_status = TaskStatus::Stopped;
        task.times.stopped_at = Some(now - Duration::from_millis(ago));
        task
    }

    #[tokio::test]
    async fn the_oldest_are_forgotten_first_by_age_and_by_number() {
        let env = Env::system();
        let mut schema = Schema::new();
        crate::tables::register(&mut schema, &env);
        let store = Arc::new(MemoryStore::new());
        let cell = Cell::open(store, schema).await.expect("an empty store opens");
        let limits = Limits { stopped_tasks: 2, ..Limits::default() };
        let ecs = Ecs::new(cell.clone(), env.clone(), limits, "http://127.0.0.1");
        let forget = Forget::<Task>::new(&ecs);
        let remembered = async |tasks: Vec<Task>| {
            let put = move |tx: &mut Transaction| {
                tasks.into_iter().for_each(|task| drop(tx.put(task)));
                Ok::<_, Infallible>(())
            };
            cell.write(put).await.expect("the cell is open");
            forget.reconcile(&()).await.expect("the cell is open");
            let view = cell.snapshot();
            view.table::<Task>().keys().map(|id| id.as_bytes()[0]).collect::<Vec<_>>()
        };
        let now = env.now();
        let hour = 60 * 60 * 1000;
        assert_eq!(remembered(vec![ended(1, 2 * hour, now), ended(2, 1000, now)]).await, [2]);
        let more = vec![ended(3, 3000, now), ended(4, 500, now), ended(5, 2000, now)];
        assert_eq!(remembered(more).await, [2, 4]);
    }
}
