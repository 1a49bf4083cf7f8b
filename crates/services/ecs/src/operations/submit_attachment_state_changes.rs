//! SubmitAttachmentStateChanges: an agent reports what became of attachments, whichever tasks they are of.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;
use berth_model::TaskId;

use super::attachment_input;
use crate::identity::speaks_for;
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{Cluster, ContainerInstance, Task};

pub async fn submit_attachment_state_changes(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::SubmitAttachmentStateChangesRequest,
) -> Result<api::SubmitAttachmentStateChangesResponse, Failure<api::Error>> {
    let changes = input.attachments.unwrap_or_default();
    if changes.is_empty() {
        return Err(api::Error::invalid_parameter("attachments: at least one is expected.").into());
    }
    ecs.cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, input.cluster.as_deref())?;
            let mut by_task: BTreeMap<TaskId, Vec<api::AttachmentStateChange>> = BTreeMap::new();
            for change in changes {
                let arn = change.attachment_arn.clone().unwrap_or_default();
                let task = holder(tx, &call, &cluster, &arn);
                by_task
                    .entry(task.ok_or_else(|| attachment_input::unknown(&arn))?)
                    .or_default()
                    .push(change);
            }
            for (id, changes) in by_task {
                let Some(task) = tx.get::<Task>(&id) else { continue };
                let mut next = task.clone();
                attachment_input::attach(&mut next, &changes)?;
                if next != *task {
                    next.version += 1;
                    tx.put(next);
                }
            }
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(api::SubmitAttachmentStateChangesResponse { acknowledgment: Some("ACCEPT".to_owned()) })
}

/// Among the tasks of the instances that the caller may speak for.
fn holder(view: &impl View, call: &Call, cluster: &Cluster, arn: &str) -> Option<TaskId> {
    let (instances, tasks) = (view.table::<ContainerInstance>(), view.table::<Task>());
    let mut own = instances
        .indexes()
        .by_cluster
        .get(&cluster.id)
        .filter_map(|id| instances.get(id))
        .filter(|instance| speaks_for(call, instance));
    own.find_map(|instance| {
        let mut held = tasks.indexes().unfinished_by_instance.get(&instance.id);
        held.find(|id| {
            tasks.get(id).is_some_and(|task| {
                let is_it = |id| render::attachment_arn(&task.scope, id) == arn;
                task.attachments.iter().any(|attachment| is_it(attachment.id))
            })
        })
        .copied()
    })
}
