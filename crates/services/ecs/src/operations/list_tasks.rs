//! ListTasks: by desired status, and by whatever else the caller narrows it down with.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;
use berth_model::{ContainerInstanceId, DesiredStatus, ServiceId, TaskId};

use crate::paging::Paging;
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{Cluster, Task};

pub async fn list_tasks(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::ListTasksRequest,
) -> Result<api::ListTasksResponse, Failure<api::Error>> {
    let view = ecs.cell.snapshot();
    let cluster = resolve::cluster(&view, &call.scope, input.cluster.as_deref())?;
    let filter = Filter::parse(&input, &view, &cluster)?;
    let paging = Paging::<TaskId>::of(
        "ListTasks",
        &(cluster.id, &filter),
        input.max_results,
        input.next_token,
    )?;

    let tasks = view.table::<Task>();
    let (indexes, after) = (tasks.indexes(), paging.after());
    let cut = |candidates: &mut dyn Iterator<Item = &TaskId>| {
        let found = candidates.filter_map(|id| tasks.get(id)).filter(|task| filter.takes(task));
        paging.cut(found.map(|task| task.id))
    };
    // Whichever index is narrower gives the candidates; all are in the order of ids.
    let page = match (filter.instance, filter.service) {
        // What has ended is meant to be stopped, but not the other way round.
        (Some(instance), _) => {
            let unfinished = indexes.unfinished_by_instance.get_after(&instance, after);
            if filter.desired_status == DesiredStatus::Stopped {
                let finished = indexes.finished_by_instance.get_after(&instance, after);
                cut(&mut merged(unfinished, finished))
            } else {
                cut(&mut { unfinished })
            }
        }
        // What is meant to run has not ended, so its service still has to do with it.
        (None, Some(service)) if filter.desired_status == DesiredStatus::Running => {
            cut(&mut indexes.by_service.get_after(&service, after))
        }
        (None, _) => {
            let key = (cluster.id, filter.desired_status);
            cut(&mut indexes.by_cluster.get_after(&key, after))
        }
    };
    let arn = |id| tasks.get(&id).map(|task| render::task_arn(&cluster, task).to_string());
    Ok(api::ListTasksResponse {
        task_arns: Some(page.items.into_iter().filter_map(arn).collect()),
        next_token: page.next_token,
    })
}

/// All of both, which are in order, in order.
fn merged<'a>(
    one: impl Iterator<Item = &'a TaskId>,
    other: impl Iterator<Item = &'a TaskId>,
) -> impl Iterator<Item = &'a TaskId> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(first), Some(second)) if second < first => other.next(),
        (Some(_), _) => one.next(),
        (None, _) => other.next(),
    })
}

#[derive(Debug)]
struct Filter {
    desired_status: DesiredStatus,
    instance: Option<ContainerInstanceId>,
    service: Option<ServiceId>,
    family: Option<String>,
    started_by: Option<String>,
    launch_type: Option<String>,
}

impl Filter {
    fn parse(
        input: &api::ListTasksRequest,
        view: &impl View,
        cluster: &Cluster,
    ) -> Result<Self, api::Error> {
        let service = input.service_name.as_deref().filter(|name| !name.is_empty());
        let service = service.map(|given| {
            resolve::service(view, cluster, given)?
                .map(|found| found.id)
                .ok_or_else(|| api::Error::service_not_found("Service not found."))
        });
        if let Some(daemon) = input.daemon_name.as_deref().filter(|name| !name.is_empty()) {
            return Err(api::Error::invalid_parameter(format!(
                "daemonName: there is no daemon {daemon}."
            )));
        }
        let instance = input.container_instance.as_deref().filter(|given| !given.is_empty());
        let instance = instance.map(|given| {
            resolve::container_instance(view, cluster, given)?.map(|found| found.id).ok_or_else(
                || {
                    api::Error::invalid_parameter(
                        "The referenced container instance was not found.",
                    )
                },
            )
        });
        // AWS: RUNNING unless the caller says otherwise; no task is ever desired PENDING.
        let desired_status = match &input.desired_status {
            None | Some(api::DesiredStatus::Running) => DesiredStatus::Running,
            Some(api::DesiredStatus::Pending) => DesiredStatus::Pending,
            Some(api::DesiredStatus::Stopped) => DesiredStatus::Stopped,
            Some(api::DesiredStatus::Unknown(word)) => {
                return Err(api::Error::invalid_parameter(format!(
                    "desiredStatus: `{word}` is not a desired status."
                )));
            }
        };
        Ok(Self {
            desired_status,
            instance: instance.transpose()?,
            service: service.transpose()?,
            family: input.family.clone(),
            started_by: input.started_by.clone(),
            launch_type: input
                .launch_type
                .as_ref()
                .map(|launch_type| launch_type.as_str().to_owned()),
        })
    }

    /// DEVIATES: AWS documents that `startedBy` goes with no other filter; here all of them narrow together.
    fn takes(&self, task: &Task) -> bool {
        task.desired_status == self.desired_status
            && self.service.is_none_or(|service| task.service == Some(service))
            && self.family.as_deref().is_none_or(|family| task.family.as_str() == family)
            && self.started_by.as_ref().is_none_or(|by| task.started_by.as_deref() == Some(by))
            && self
                .launch_type
                .as_deref()
                .is_none_or(|launch_type| task.launch_type.as_str() == launch_type)
    }
}
