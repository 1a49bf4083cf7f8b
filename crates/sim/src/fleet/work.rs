//! Tasks for a fleet to run.
//!
//! They are put on named instances, one after the other: choosing is the scheduler's, which has its own benchmark.

use std::sync::Arc;

use anyhow::{Context, bail};
use futures_util::{TryStreamExt, stream};
use serde_json::{Value, json};

use super::agent::Fleet;

/// AWS: StartTask takes at most this many instances.
const INSTANCES_PER_CALL: usize = 10;

pub(super) async fn ensure_cluster(fleet: &Fleet) -> anyhow::Result<()> {
    let input = || json!({ "clusterName": fleet.options.cluster });
    fleet.wire.call("CreateCluster", input).await.map(drop).context("CreateCluster")
}

/// Starts the tasks; they run when the agents say so.
pub(super) async fn start(fleet: &Arc<Fleet>) -> anyhow::Result<()> {
    let cluster = &fleet.options.cluster;
    let definition = register_definition(fleet).await?;
    let instances = instances(fleet, fleet.options.tasks).await?;
    if instances.is_empty() {
        bail!("no instance of cluster {cluster} is connected");
    }
    let wanted: Vec<&str> =
        instances.iter().map(String::as_str).cycle().take(fleet.options.tasks).collect();
    let calls = wanted.chunks(INSTANCES_PER_CALL).map(Ok);
    let start = async |instances: &[&str]| {
        let input = || {
            json!({
                "cluster": cluster, "taskDefinition": definition, "containerInstances": instances,
            })
        };
        let answer = fleet.wire.call("StartTask", input).await.context("StartTask")?;
        match answer["failures"].as_array().and_then(|failures| failures.first()) {
            Some(failure) => bail!("a task was not started: {failure}"),
            None => Ok(()),
        }
    };
    // The agents' reports have most of the turns: real ones would not wait behind whoever starts tasks.
    let callers = (fleet.options.concurrency / 4).max(1);
    stream::iter(calls).try_for_each_concurrent(callers, start).await
}

pub(super) async fn register_definition(fleet: &Fleet) -> anyhow::Result<Value> {
    let input = json!({
        "family": "fleet",
        "containerDefinitions": [{
            "name": "web", "image": "busybox", "cpu": 10, "memory": 16,
            "healthCheck": { "command": ["CMD-SHELL", "true"] },
        }],
    });
    let answer = fleet.wire.call("RegisterTaskDefinition", || input).await;
    let answer = answer.context("RegisterTaskDefinition")?;
    Ok(answer["taskDefinition"]["taskDefinitionArn"].clone())
}

/// Up to so many connected instances.
async fn instances(fleet: &Fleet, most: usize) -> anyhow::Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    let mut token = Value::Null;
    while found.len() < most {
        let mut input = json!({
            "cluster": fleet.options.cluster, "filter": "agentConnected == true", "maxResults": 100,
        });
        if !token.is_null() {
            input["nextToken"] = token;
        }
        let page = fleet.wire.call("ListContainerInstances", || input).await;
        let page = page.context("ListContainerInstances")?;
        let arns = page["containerInstanceArns"].as_array().into_iter().flatten();
        found.extend(arns.filter_map(Value::as_str).map(str::to_owned));
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    Ok(found)
}
