//! GetTaskProtection: which of these tasks of services are protected, and until when.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use super::protection::{self, Found};
use crate::resolve;
use crate::service::Ecs;

/// AWS: as many as one call shows.
const MOST: usize = 100;

pub async fn get_task_protection(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::GetTaskProtectionRequest,
) -> Result<api::GetTaskProtectionResponse, Failure<api::Error>> {
    let wanted = input.tasks.unwrap_or_default();
    protection::check_count(&wanted, MOST)?;
    let view = ecs.cell.snapshot();
    let cluster = resolve::cluster(&view, &call.scope, input.cluster.as_deref())?;
    let (mut protected_tasks, mut failures) = (Vec::new(), Vec::new());
    for given in &wanted {
        match protection::find(&view, &call, "GetTaskProtection", &cluster, given)? {
            Found::Task(task) => {
                protected_tasks.push(protection::render(&cluster, &task, call.now));
            }
            Found::Failure(failure) => failures.push(failure),
        }
    }
    Ok(api::GetTaskProtectionResponse {
        protected_tasks: Some(protected_tasks),
        failures: Some(failures),
    })
}
