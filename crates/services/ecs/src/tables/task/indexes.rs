//! What the table of tasks keeps beside its rows. A task changes a dozen times in its life and hardly ever moves in
//! any of these: each is touched only if its own part of the row is another.

use berth_control::tables::{Count, Groups, Index, Indexes};
use berth_model::{
    ClusterId, ContainerInstanceId, DesiredStatus, LaunchType, ServiceId, TaskDefinitionId, TaskId,
    TaskSetId, TaskStatus, Timestamp,
};
use imbl::OrdMap;

use super::{Task, UsageByInstance};
use crate::traffic;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskIndexes {
    pub by_cluster: Groups<(ClusterId, DesiredStatus), TaskId>,
    /// Those of an instance that are not STOPPED yet.
    pub unfinished_by_instance: Groups<ContainerInstanceId, TaskId>,
    /// The others, which may be a hundred times as many.
    pub finished_by_instance: Groups<ContainerInstanceId, TaskId>,
    /// Those of an instance whose agent has something to do that it may not know of: few, however many run there.
    pub awaited_by_instance: Groups<ContainerInstanceId, TaskId>,
    /// How many tasks still refer to each task definition, stopped ones included.
    pub of_task_definition: Count<TaskDefinitionId>,
    /// Stopped tasks in the order in which they may be forgotten.
    pub by_stopped_at: Index<Timestamp, TaskId>,
    /// Tasks that are not STOPPED yet.
    unfinished: Count<ClusterId>,
    /// Those that a load balancer holds, or may still.
    pub behind_balancers: Index<(), TaskId>,
    pub usage: UsageByInstance,
    counts: OrdMap<(ClusterId, LaunchType), TaskCounts>,
    /// What each service still has to do with: ended tasks only until it has taken note of their end.
    pub by_service: Groups<ServiceId, TaskId>,
    of_deployment: OrdMap<(ServiceId, TaskSetId), TaskCounts>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCounts {
    pub running: u32,
    pub pending: u32,
}

impl TaskIndexes {
    pub fn counts(&self, cluster: ClusterId, launch_type: LaunchType) -> TaskCounts {
        self.counts.get(&(cluster, launch_type)).copied().unwrap_or_default()
    }

    /// Of one deployment or task set of a service.
    pub fn deployment_counts(&self, service: ServiceId, deployment: TaskSetId) -> TaskCounts {
        self.of_deployment.get(&(service, deployment)).copied().unwrap_or_default()
    }

    pub fn unfinished(&self, cluster: ClusterId) -> u64 {
        self.unfinished.get(&cluster)
    }

    /// Of all launch types together.
    pub fn cluster_counts(&self, cluster: ClusterId) -> TaskCounts {
        let mut all = TaskCounts::default();
        for launch_type in LaunchType::ALL {
            all.add(self.counts(cluster, *launch_type));
        }
        all
    }

    fn change(&mut self, id: &TaskId, before: Option<&Task>, after: Option<&Task>) {
        fn both<K>(
            before: Option<&Task>,
            after: Option<&Task>,
            key: impl Fn(&Task) -> Option<K>,
        ) -> (Option<K>, Option<K>) {
            (before.and_then(&key), after.and_then(&key))
        }
        let (from, to) = both(before, after, |task| Some(by_cluster(task)));
        self.by_cluster.change(id, from, to);
        let (from, to) = both(before, after, unfinished_on);
        self.unfinished_by_instance.change(id, from, to);
        let (from, to) = both(before, after, finished_on);
        self.finished_by_instance.change(id, from, to);
        let (from, to) = both(before, after, awaited_on);
        self.awaited_by_instance.change(id, from, to);
        let (from, to) = both(before, after, |task| Some(task.task_definition));
        self.of_task_definition.change(from, to);
        let (from, to) = both(before, after, |task| task.times.stopped_at);
        self.by_stopped_at.change(id, from, to);
        let (from, to) = both(before, after, behind_balancer);
        self.behind_balancers.change(id, from, to);
        let (from, to) = both(before, after, unfinished);
        self.unfinished.change(from, to);
        let (from, to) = both(before, after, Task::concerns);
        self.by_service.change(id, from, to);
        let (from, to) = both(before, after, |task| {
            Some(((task.cluster, task.launch_type), TaskCounts::of(task)))
        });
        recount(&mut self.counts, from, to);
        let (from, to) = both(before, after, |task| {
            Some((task.service.zip(task.deployment)?, TaskCounts::of(task)))
        });
        recount(&mut self.of_deployment, from, to);
        self.usage.change(before, after);
    }
}

fn by_cluster(task: &Task) -> (ClusterId, DesiredStatus) {
    (task.cluster, task.desired_status)
}

fn unfinished(task: &Task) -> Option<ClusterId> {
    task.holds_resources().then_some(task.cluster)
}

fn behind_balancer(task: &Task) -> Option<()> {
    traffic::is_held(task).then_some(())
}

fn unfinished_on(task: &Task) -> Option<ContainerInstanceId> {
    task.container_instance.filter(|_| task.holds_resources())
}

fn finished_on(task: &Task) -> Option<ContainerInstanceId> {
    task.container_instance.filter(|_| !task.holds_resources())
}

fn awaited_on(task: &Task) -> Option<ContainerInstanceId> {
    task.container_instance.filter(|_| task.awaits_agent())
}

impl TaskCounts {
    /// AWS: a task on its way down from RUNNING is counted neither as running nor as pending.
    pub(super) fn of(task: &Task) -> Self {
        let running = task.last_status == TaskStatus::Running;
        let pending =
            task.last_status < TaskStatus::Running && task.desired_status == DesiredStatus::Running;
        Self { running: running.into(), pending: pending.into() }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.running += other.running;
        self.pending += other.pending;
    }

    pub(super) fn subtract(&mut self, other: Self) {
        self.running -= other.running;
        self.pending -= other.pending;
    }
}

impl Indexes<Task> for TaskIndexes {
    fn insert(&mut self, row: &Task) {
        self.change(&row.id, None, Some(row));
    }

    fn remove(&mut self, row: &Task) {
        self.change(&row.id, Some(row), None);
    }

    fn update(&mut self, before: &Task, after: &Task) {
        self.change(&after.id, Some(before), Some(after));
    }

    fn of_all(rows: &[&Task]) -> Self {
        fn groups<K: Ord + Clone + Send>(
            rows: &[&Task],
            key: impl Fn(&Task) -> Option<K>,
        ) -> Groups<K, TaskId> {
            Groups::of_all(rows.iter().filter_map(|row| Some((key(row)?, row.id))))
        }
        std::thread::scope(|scope| {
            let by_instance = scope.spawn(|| {
                (
                    groups(rows, unfinished_on),
                    groups(rows, finished_on),
                    groups(rows, awaited_on),
                    UsageByInstance::of_all(rows),
                )
            });
            let mut made = Self {
                by_cluster: groups(rows, |row| Some(by_cluster(row))),
                by_service: groups(rows, Task::concerns),
                by_stopped_at: Index::of_all(
                    rows.iter().filter_map(|row| Some((row.times.stopped_at?, row.id))),
                ),
                ..Self::default()
            };
            for row in rows {
                made.of_task_definition.add(row.task_definition);
                made.unfinished.change(None, unfinished(row));
                let counts = TaskCounts::of(row);
                recount(&mut made.counts, None, Some(((row.cluster, row.launch_type), counts)));
                if let Some(deployment) = row.service.zip(row.deployment) {
                    recount(&mut made.of_deployment, None, Some((deployment, counts)));
                }
            }
            let made_beside = by_instance.join();
            // A panic there is one here.
            let (unfinished, finished, awaited, usage) =
                made_beside.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (made.unfinished_by_instance, made.finished_by_instance) = (unfinished, finished);
            (made.awaited_by_instance, made.usage) = (awaited, usage);
            made
        })
    }
}

type Counted<K> = Option<(K, TaskCounts)>;

/// Entries are there while they say anything, so that what is long gone leaves no trace.
fn recount<K: Ord + Clone>(map: &mut OrdMap<K, TaskCounts>, from: Counted<K>, to: Counted<K>) {
    if from == to {
        return;
    }
    if let Some((key, counts)) = from
        && counts != TaskCounts::default()
        && let Some(all) = map.get_mut(&key)
    {
        all.subtract(counts);
        if *all == TaskCounts::default() {
            map.remove(&key);
        }
    }
    if let Some((key, counts)) = to
        && counts != TaskCounts::default()
    {
        map.entry(key).or_default().add(counts);
    }
}
