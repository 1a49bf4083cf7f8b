//! What a service promises, whatever becomes of tasks and hosts. One promise a file; `hosts.rs` is what several ask.

mod ceiling;
mod daemons;
mod distinct;
mod floor;
mod hosts;
mod protection;
mod versions;

pub use ceiling::Ceiling;
pub use daemons::Daemons;
pub use distinct::Distinct;
pub use floor::Floor;
pub use hosts::{hosts_of, takes};
pub use protection::Protection;
pub use versions::Versions;

use berth_ecs::tables::{Service, ServiceDeployment, Task};
use berth_model::{DesiredStatus, RolloutState, ServiceId, StopCode, TaskSetId, TaskStatus};

use crate::records::{Records, TaskChange, Wishes};

/// Tasks of a service that are counted together, and how many there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// `None`: all of the service.
    of: Option<TaskSetId>,
    pub least: u32,
    pub most: u32,
}

impl Share {
    fn of(of: Option<TaskSetId>, desired: u32, percents: (u32, u32)) -> Self {
        let hundredths = |percent: u32| u64::from(desired) * u64::from(percent);
        let whole = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            of,
            least: whole(hundredths(percents.0).div_ceil(100)),
            most: whole(hundredths(percents.1) / 100),
        }
    }

    fn has(&self, task: &Task) -> bool {
        self.of.is_none() || self.of == task.deployment
    }
}

/// How all tasks of a service are counted that is to have so many, minimum and maximum by its settings.
pub fn whole(service: &Service, desired: u32) -> Share {
    // AWS: a daemon's maximum is fixed.
    let usual = if service.is_daemon() { (0, 100) } else { ALONE };
    let settings = &service.deployment_configuration;
    let percent = |given: Option<i32>, usual: u32| {
        given.and_then(|given| u32::try_from(given).ok()).unwrap_or(usual)
    };
    let least = percent(settings.minimum_healthy_percent, usual.0);
    let most = percent(settings.maximum_percent, usual.1);
    Share::of(None, desired, (least, most))
}

/// AWS: what a deployment that shifts traffic, or a task set, is held to; nobody can set it.
const ALONE: (u32, u32) = (100, 200);

/// How the tasks of a service are counted. A daemon's are not: how many hosts it has is another rule's business.
fn shares(wishes: &Wishes, service: &Service) -> Vec<Share> {
    let desired = service.desired_count;
    let all = whole(service, desired);
    if service.is_daemon() {
        Vec::new()
    } else if service.has_task_sets() {
        let sets = wishes.task_sets_of(service.id);
        sets.map(|set| Share::of(Some(set.id), set.computed_desired_count(desired), ALONE))
            .collect()
    } else if wishes.deployments_of(service.id).any(runs_beside) {
        let each = wishes
            .deployments_of(service.id)
            .map(|row| Share { least: 0, ..Share::of(Some(row.number), desired, ALONE) });
        each.chain([Share { most: u32::MAX, ..all }]).collect()
    } else {
        vec![all]
    }
}

/// Whether the deployment's tasks run beside those of the one before until all of them do.
fn runs_beside(deployment: &ServiceDeployment) -> bool {
    let strategy = deployment.configuration.strategy.as_ref();
    deployment.progress.rollout == RolloutState::InProgress
        && strategy.is_some_and(|strategy| strategy.as_str() != "ROLLING")
}

/// Tasks of the service that are there and to stay.
fn wanted(records: &Records, service: ServiceId) -> impl Iterator<Item = &Task> {
    records.tasks.values().filter(move |task| {
        task.service == Some(service)
            && task.desired_status == DesiredStatus::Running
            && task.holds_resources()
    })
}

/// The task as it ran, if its service has just told it to stop.
fn ended_by_its_service(change: &TaskChange) -> Option<&Task> {
    let before = was_running(change)?;
    let after = change.after.as_ref()?;
    let is_ended = after.desired_status == DesiredStatus::Stopped
        && after.stop_code == Some(StopCode::ServiceSchedulerInitiated);
    is_ended.then_some(before)
}

fn was_running(change: &TaskChange) -> Option<&Task> {
    change.before.as_ref().filter(|before| {
        before.last_status == TaskStatus::Running && before.desired_status == DesiredStatus::Running
    })
}

/// Tasks of the service that have just come to an instance.
fn placed(changes: &[TaskChange], service: ServiceId) -> impl Iterator<Item = &Task> {
    let has_come = |change: &&TaskChange| {
        change.before.as_ref().is_none_or(|before| before.container_instance.is_none())
    };
    let after = changes.iter().filter(has_come).filter_map(|change| change.after.as_ref());
    after.filter(move |task| task.service == Some(service) && task.container_instance.is_some())
}
