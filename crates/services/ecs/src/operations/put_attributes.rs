//! PutAttributes: custom attributes on container instances, new ones and new values.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use super::{attribute_input, attribute_target};
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{Cluster, ContainerInstance};

pub async fn put_attributes(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::PutAttributesRequest,
) -> Result<api::PutAttributesResponse, Failure<api::Error>> {
    let given = attribute_input::list(input.attributes, ecs.limits.attributes_per_put)?;
    let most = ecs.limits.custom_attributes_per_instance;
    let attributes = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, input.cluster.as_deref())?;
            let each = given.into_iter().enumerate();
            each.map(|(index, attribute)| put(tx, &cluster, index, attribute, most)).collect()
        })
        .await?;
    Ok(api::PutAttributesResponse { attributes: Some(attributes) })
}

fn put(
    tx: &mut Transaction,
    cluster: &Cluster,
    index: usize,
    given: api::Attribute,
    most: usize,
) -> Result<api::Attribute, api::Error> {
    let instance = attribute_target::find(tx, cluster, index, &given)?;
    let (name, attribute) = attribute_input::of_user(index, given)?;
    let shown = render::attribute_of(cluster, &instance, &name, &attribute);
    if instance.attributes.get(&name) == Some(&attribute) {
        return Ok(shown);
    }
    let others = instance.attributes.iter().filter(|(other, held)| held.custom && **other != name);
    if others.count() >= most {
        return Err(api::Error::attribute_limit_exceeded(format!(
            "attributes[{index}]: a container instance can have at most {most} custom attributes, and {} has as many besides `{name}`.",
            instance.id
        )));
    }
    let attributes = instance.attributes.with(|held| drop(held.insert(name, attribute)));
    tx.put(ContainerInstance { attributes, version: instance.version + 1, ..(*instance).clone() });
    Ok(shown)
}
