//! ListClusters: the ARNs of ACTIVE clusters, by name.

use std::ops::Bound;
use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::{ClusterArn, ClusterName, ClusterStatus};

use crate::paging::Paging;
use crate::service::Ecs;
use crate::tables::Cluster;

pub async fn list_clusters(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::ListClustersRequest,
) -> Result<api::ListClustersResponse, Failure<api::Error>> {
    let paging = Paging::<ClusterName>::of(
        "ListClusters",
        &call.scope,
        input.max_results,
        input.next_token,
    )?;
    let view = ecs.cell.snapshot();
    let clusters = view.table::<Cluster>();
    let from = paging
        .after()
        .map_or(Bound::Unbounded, |name| Bound::Excluded((call.scope.clone(), name.clone())));
    let names = clusters
        .indexes()
        .by_name
        .range((from, Bound::Unbounded))
        .skip_while(|((scope, _), _)| *scope < call.scope)
        .take_while(|((scope, _), _)| *scope == call.scope)
        .filter(|(_, id)| {
            clusters.get(id).is_some_and(|cluster| cluster.status == ClusterStatus::Active)
        })
        .map(|((_, name), _)| name.clone());
    let page = paging.cut(names);
    let arn = |name| ClusterArn { scope: call.scope.clone(), name }.to_string();
    Ok(api::ListClustersResponse {
        cluster_arns: Some(page.items.into_iter().map(arn).collect()),
        next_token: page.next_token,
    })
}
