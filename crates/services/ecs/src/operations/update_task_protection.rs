//! UpdateTaskProtection: for a while, neither a deployment nor scaling ends these tasks of a service.

use std::sync::Arc;
use std::time::Duration;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::Timestamp;

use super::protection::{self, Found};
use crate::resolve;
use crate::service::Ecs;
use crate::tables::Task;

/// AWS: as many as one call changes.
const MOST: usize = 10;
/// AWS: two hours, unless the caller says otherwise.
const DEFAULT_MINUTES: i32 = 120;
/// AWS: two days.
const MOST_MINUTES: i32 = 2880;

pub async fn update_task_protection(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::UpdateTaskProtectionRequest,
) -> Result<api::UpdateTaskProtectionResponse, Failure<api::Error>> {
    let api::UpdateTaskProtectionRequest { cluster, tasks, protection_enabled, expires_in_minutes } =
        input;
    let wanted = tasks.unwrap_or_default();
    protection::check_count(&wanted, MOST)?;
    let until = until(protection_enabled == Some(true), expires_in_minutes, call.now)?;
    let response = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, cluster.as_deref())?;
            let (mut protected_tasks, mut failures) = (Vec::new(), Vec::new());
            for given in &wanted {
                match protection::find(tx, &call, "UpdateTaskProtection", &cluster, given)? {
                    Found::Task(task) => {
                        let task = Task { protected_until: until, ..Task::clone(&task) };
                        protected_tasks.push(protection::render(&cluster, &task, call.now));
                        tx.put(task);
                    }
                    Found::Failure(failure) => failures.push(failure),
                }
            }
            Ok::<_, api::Error>(api::UpdateTaskProtectionResponse {
                protected_tasks: Some(protected_tasks),
                failures: Some(failures),
            })
        })
        .await?;
    Ok(response)
}

/// The end of the protection; `None` takes it away, at once. A time is checked even where it is not needed.
fn until(
    enabled: bool,
    minutes: Option<i32>,
    now: Timestamp,
) -> Result<Option<Timestamp>, api::Error> {
    let minutes = minutes.unwrap_or(DEFAULT_MINUTES);
    let valid = u64::try_from(minutes).ok().filter(|_| (1..=MOST_MINUTES).contains(&minutes));
    let valid = valid.ok_or_else(|| {
        api::Error::invalid_parameter(format!(
            "expiresInMinutes must be between 1 and {MOST_MINUTES}, not {minutes}."
        ))
    })?;
    Ok(enabled.then(|| now + Duration::from_secs(60 * valid)))
}
