//! DescribeServiceRevisions: up to twenty at once, by their ARNs.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use crate::render;
use crate::resolve;
use crate::service::Ecs;

const MOST: usize = 20;

pub async fn describe_service_revisions(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DescribeServiceRevisionsRequest,
) -> Result<api::DescribeServiceRevisionsResponse, Failure<api::Error>> {
    let wanted = input.service_revision_arns.unwrap_or_default();
    if !(1..=MOST).contains(&wanted.len()) {
        let message = format!(
            "serviceRevisionArns: between 1 and {MOST} are expected; {} were given.",
            wanted.len()
        );
        return Err(api::Error::invalid_parameter(message).into());
    }
    let view = ecs.cell.snapshot();
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for given in wanted {
        match resolve::service_revision(&view, &call.scope, &given)? {
            Some((cluster, service, row)) => {
                found.push(render::service_revision(&view, &cluster, &service, &row));
            }
            None => failures.push(render::failure(given, "MISSING")),
        }
    }
    Ok(api::DescribeServiceRevisionsResponse {
        service_revisions: Some(found),
        failures: Some(failures),
    })
}
