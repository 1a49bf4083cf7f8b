//! ListServiceDeployments: a service's deployments, the newest first.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::Paging;
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::ServiceDeployment;

const UNLESS_SAID: i32 = 20;
const MOST: i32 = 100;

pub async fn list_service_deployments(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::ListServiceDeploymentsRequest,
) -> Result<api::ListServiceDeploymentsResponse, Failure<api::Error>> {
    let view = ecs.cell.snapshot();
    let cluster = resolve::cluster(&view, &call.scope, input.cluster.as_deref())?;
    let given = input.service.as_deref().unwrap_or_default();
    let service = resolve::service(&view, &cluster, given)?
        .ok_or_else(|| api::Error::service_not_found("Service not found."))?;
    let filter = Filter {
        status: input.status.unwrap_or_default(),
        created_at: input.created_at.unwrap_or_default(),
    };
    let paging = Paging::<String>::of_sizes(
        UNLESS_SAID,
        MOST,
        "ListServiceDeployments",
        &(service.id, &filter),
        input.max_results,
        input.next_token,
    )?;
    let table = view.table::<ServiceDeployment>();
    let newest_first = table
        .indexes()
        .by_service
        .get(&service.id)
        .rev()
        .filter_map(|(_, number)| table.get(&(service.id, *number)));
    let after = paging.after().map(String::as_str);
    let rows: Vec<&ServiceDeployment> = newest_first
        .skip_while(|row| after.is_some_and(|after| position(row).as_str() >= after))
        .filter(|row| filter.takes(row))
        .collect();
    let page = paging.cut(rows.iter().map(|row| position(row)));
    let shown = rows.iter().take(page.items.len());
    Ok(api::ListServiceDeploymentsResponse {
        service_deployments: Some(
            shown.map(|row| render::service_deployment_brief(&cluster, &service, row)).collect(),
        ),
        next_token: page.next_token,
    })
}

/// As text that is in the order of the deployments.
fn position(row: &ServiceDeployment) -> String {
    format!("{:020}/{}", row.created_at.as_millis(), row.number)
}

#[derive(Debug)]
struct Filter {
    /// Empty: whatever it is.
    status: Vec<api::ServiceDeploymentStatus>,
    created_at: api::CreatedAt,
}

impl Filter {
    fn takes(&self, row: &ServiceDeployment) -> bool {
        let status = row.progress.status.as_str();
        (self.status.is_empty() || self.status.iter().any(|wanted| wanted.as_str() == status))
            && self.created_at.after.is_none_or(|after| row.created_at > after)
            && self.created_at.before.is_none_or(|before| row.created_at < before)
    }
}
