//! DescribeClusters: deleted clusters too; what is not found is a failure, not an error.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::ClusterArn;

use crate::render::{self, ClusterDetail};
use crate::resolve::{self, DEFAULT_CLUSTER};
use crate::service::Ecs;

const MOST: usize = 100;

pub async fn describe_clusters(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DescribeClustersRequest,
) -> Result<api::DescribeClustersResponse, Failure<api::Error>> {
    let detail = detail(&input.include.unwrap_or_default());
    let mut wanted = input.clusters.unwrap_or_default();
    if wanted.is_empty() {
        wanted.push(DEFAULT_CLUSTER.to_owned());
    }
    if wanted.len() > MOST {
        let message = format!(
            "clusters: at most {MOST} can be described at once; {} were given.",
            wanted.len()
        );
        return Err(api::Error::invalid_parameter(message).into());
    }
    let view = ecs.cell.snapshot();
    let (mut clusters, mut failures) = (Vec::new(), Vec::new());
    for given in wanted {
        let name = resolve::cluster_name(&call.scope, Some(&given))?;
        match resolve::any_cluster(&view, &call.scope, Some(&given))? {
            Some(cluster) => clusters.push(render::cluster(&view, &cluster, detail)),
            None => {
                let arn = ClusterArn { scope: call.scope.clone(), name };
                failures.push(render::failure(arn.to_string(), "MISSING"));
            }
        }
    }
    Ok(api::DescribeClustersResponse { clusters: Some(clusters), failures: Some(failures) })
}

fn detail(include: &[api::ClusterField]) -> ClusterDetail {
    let has = |field: &api::ClusterField| include.contains(field);
    ClusterDetail {
        attachments: has(&api::ClusterField::Attachments),
        configurations: has(&api::ClusterField::Configurations),
        settings: has(&api::ClusterField::Settings),
        statistics: has(&api::ClusterField::Statistics),
        tags: has(&api::ClusterField::Tags),
    }
}
