//! A service ends no running task below its floor: the desired count's minimum healthy percentage, rounded up.
//! What fails by itself is no fault of it.

use berth_ecs::tables::Task;
use berth_model::{DesiredStatus, ServiceStatus, StopCode, TaskStatus, Timestamp};

use super::super::{Checker, Sight};
use super::{both, percent, wanted};
use crate::records::TaskChange;

pub struct Floor;

impl Checker for Floor {
    fn name(&self) -> &'static str {
        "floor"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        let Sight::Commits { records, services, changes } = sight else { return Ok(()) };
        for change in *changes {
            let Some(task) = ended_by_its_service(change) else { continue };
            let Some(id) = task.service else { continue };
            let Some((before, after)) = both(records, services, id) else { continue };
            if after.is_daemon() || after.status != ServiceStatus::Active {
                continue;
            }
            let floor = [before, after].map(|service| {
                let least = service.deployment_configuration.minimum_healthy_percent;
                let (whole, more) = percent(service.desired_count, least, 100);
                whole + u32::from(more)
            });
            let is_running = |task: &&Task| task.last_status == TaskStatus::Running;
            let left = wanted(records, id).filter(is_running).count();
            // In the same commit others may have ended for reasons of their own, before or after.
            let failed = changes.iter().filter(|change| failed(change, id)).count();
            let least = floor[0].min(floor[1]);
            if left + failed < least as usize {
                return Err(format!(
                    "service {} ended task {} and has {left} left, below its floor of {least}",
                    after.name, task.id
                ));
            }
        }
        Ok(())
    }
}

/// The task, if it ran and its service has just told it to stop.
fn ended_by_its_service(change: &TaskChange) -> Option<&Task> {
    let before = was_running(change)?;
    let after = change.after.as_ref()?;
    let is_ended = after.desired_status == DesiredStatus::Stopped
        && after.stop_code == Some(StopCode::ServiceSchedulerInitiated);
    is_ended.then_some(before)
}

fn failed(change: &TaskChange, service: berth_model::ServiceId) -> bool {
    was_running(change).is_some_and(|task| task.service == Some(service))
        && ended_by_its_service(change).is_none()
        && change.after.as_ref().is_none_or(|after| {
            after.last_status != TaskStatus::Running
                || after.desired_status == DesiredStatus::Stopped
        })
}

fn was_running(change: &TaskChange) -> Option<&Task> {
    change.before.as_ref().filter(|before| {
        before.last_status == TaskStatus::Running && before.desired_status == DesiredStatus::Running
    })
}
