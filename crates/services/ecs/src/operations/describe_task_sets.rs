//! DescribeTaskSets: those that are named, or all of a service's.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::TaskSetArn;

use super::task_set_input;
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::TaskSet;

pub async fn describe_task_sets(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DescribeTaskSetsRequest,
) -> Result<api::DescribeTaskSetsResponse, Failure<api::Error>> {
    let tags = input.include.unwrap_or_default().contains(&api::TaskSetField::Tags);
    let view = ecs.cell.snapshot();
    let (cluster, service) = task_set_input::active_service(
        &view,
        &call,
        input.cluster.as_deref(),
        input.service.as_deref(),
    )?;
    let table = view.table::<TaskSet>();
    let shown = |set: &TaskSet| render::task_set(&view, &cluster, &service, set, tags);
    let wanted = input.task_sets.unwrap_or_default();
    if wanted.is_empty() {
        let all = table.within(&service.id).map(shown).collect();
        return Ok(api::DescribeTaskSetsResponse {
            task_sets: Some(all),
            failures: Some(Vec::new()),
        });
    }
    let (mut sets, mut failures) = (Vec::new(), Vec::new());
    for given in wanted {
        let id = resolve::task_set_id(&cluster, &service, &given)?;
        match table.get(&(service.id, id)) {
            Some(set) => sets.push(shown(set)),
            None => {
                let arn = TaskSetArn {
                    scope: service.scope.clone(),
                    cluster: cluster.name.clone(),
                    service: service.name.clone(),
                    id,
                };
                failures.push(render::failure(arn.to_string(), "MISSING"));
            }
        }
    }
    Ok(api::DescribeTaskSetsResponse { task_sets: Some(sets), failures: Some(failures) })
}
