//! ListServices: the ARNs of a cluster's ACTIVE services, by name.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;
use berth_model::{ServiceId, ServiceName, ServiceStatus};

use crate::paging::Paging;
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{Service, ServiceRevision};

const UNLESS_SAID: i32 = 10;
const MOST: i32 = 100;

pub async fn list_services(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::ListServicesRequest,
) -> Result<api::ListServicesResponse, Failure<api::Error>> {
    let view = ecs.cell.snapshot();
    let cluster = resolve::cluster(&view, &call.scope, input.cluster.as_deref())?;
    let filter = Filter {
        launch_type: input.launch_type,
        scheduling_strategy: input.scheduling_strategy,
        resource_management_type: input.resource_management_type,
    };
    let paging = Paging::<ServiceName>::of_sizes(
        UNLESS_SAID,
        MOST,
        "ListServices",
        &(cluster.id, &filter),
        input.max_results,
        input.next_token,
    )?;
    let services = view.table::<Service>();
    // No service has an id after this one, so that the page begins after the name.
    let after = paging.after().map(|name| (name.clone(), ServiceId::from_bytes([0xFF; 16])));
    let listed: Vec<&Service> = services
        .indexes()
        .by_cluster
        .get_after(&cluster.id, after.as_ref())
        .filter_map(|(_, id)| services.get(id))
        .filter(|service| filter.takes(&view, service))
        .take(MOST as usize + 1)
        .collect();
    let page = paging.cut(listed.iter().map(|service| service.name.clone()));
    let shown = listed.iter().take(page.items.len());
    Ok(api::ListServicesResponse {
        service_arns: Some(
            shown.map(|service| render::service_arn(&cluster, service).to_string()).collect(),
        ),
        next_token: page.next_token,
    })
}

#[derive(Debug)]
struct Filter {
    launch_type: Option<api::LaunchType>,
    scheduling_strategy: Option<api::SchedulingStrategy>,
    resource_management_type: Option<api::ResourceManagementType>,
}

impl Filter {
    /// AWS: a deleted service is not listed, whether it is DRAINING or INACTIVE.
    fn takes(&self, view: &impl View, service: &Service) -> bool {
        let runs = service
            .revision
            .and_then(|number| view.get::<ServiceRevision>(&(service.id, number)))
            .and_then(|revision| revision.launch_type);
        service.status == ServiceStatus::Active
            && self.launch_type.as_ref().is_none_or(|wanted| {
                runs.is_some_and(|launch_type| launch_type.as_str() == wanted.as_str())
            })
            && self
                .scheduling_strategy
                .as_ref()
                .is_none_or(|wanted| service.scheduling_strategy.as_str() == wanted.as_str())
            // What Express Mode makes by itself is ECS's; there is none of it.
            && self
                .resource_management_type
                .as_ref()
                .is_none_or(|wanted| *wanted == api::ResourceManagementType::Customer)
    }
}
