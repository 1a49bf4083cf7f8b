//! DeleteAttributes: takes custom attributes away again.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use super::{attribute_input, attribute_target};
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{Cluster, ContainerInstance};

pub async fn delete_attributes(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DeleteAttributesRequest,
) -> Result<api::DeleteAttributesResponse, Failure<api::Error>> {
    let given = attribute_input::list(input.attributes, ecs.limits.attributes_per_put)?;
    let deleted = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, input.cluster.as_deref())?;
            let mut deleted = Vec::new();
            for (index, attribute) in given.into_iter().enumerate() {
                deleted.extend(delete(tx, &cluster, index, attribute)?);
            }
            Ok::<_, api::Error>(deleted)
        })
        .await?;
    Ok(api::DeleteAttributesResponse { attributes: Some(deleted) })
}

/// `None`: there was no such attribute. Asking twice is no mistake.
fn delete(
    tx: &mut Transaction,
    cluster: &Cluster,
    index: usize,
    given: api::Attribute,
) -> Result<Option<api::Attribute>, api::Error> {
    let instance = attribute_target::find(tx, cluster, index, &given)?;
    let value = given.value.clone();
    let (name, _) = attribute_input::of_user(index, given)?;
    let Some(held) = instance.attributes.get(&name) else { return Ok(None) };
    // AWS: the value need not be given. Given, it says which one is meant.
    if value.is_some() && value != held.value {
        return Ok(None);
    }
    let shown = render::attribute_of(cluster, &instance, &name, held);
    let attributes = instance.attributes.with(|held| drop(held.remove(&name)));
    tx.put(ContainerInstance { attributes, version: instance.version + 1, ..(*instance).clone() });
    Ok(Some(shown))
}
