//! ListAttributes: the attributes of a cluster's container instances, one by one.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::{ContainerInstanceId, ContainerInstanceStatus};

use crate::paging::Paging;
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::ContainerInstance;

pub async fn list_attributes(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::ListAttributesRequest,
) -> Result<api::ListAttributesResponse, Failure<api::Error>> {
    let (name, value) = (input.attribute_name.as_ref(), input.attribute_value.as_ref());
    if value.is_some() && name.is_none() {
        return Err(api::Error::invalid_parameter(
            "attributeValue can only be given together with attributeName.",
        )
        .into());
    }
    let view = ecs.cell.snapshot();
    let cluster = resolve::cluster(&view, &call.scope, input.cluster.as_deref())?;
    let paging = Paging::<Place>::of(
        "ListAttributes",
        &(cluster.id, name, value),
        input.max_results,
        input.next_token,
    )?;

    let instances = view.table::<ContainerInstance>();
    let of_cluster =
        instances.indexes().by_cluster.get(&cluster.id).filter_map(|id| instances.get(id));
    let listed = of_cluster
        .filter(|instance| instance.status != ContainerInstanceStatus::Inactive)
        .filter(|instance| paging.after().is_none_or(|after| instance.id >= after.instance))
        .flat_map(|instance| {
            instance.attributes.iter().map(move |(name, held)| (instance.id, name, held))
        })
        .filter(|(_, held, _)| name.is_none_or(|name| name == *held))
        .filter(|(_, _, held)| value.is_none_or(|value| held.value.as_ref() == Some(value)))
        .map(|(instance, name, _)| Place { instance, name: name.clone() })
        .filter(|place| paging.after().is_none_or(|after| place > after));
    let page = paging.cut(listed);
    let shown = page.items.into_iter().filter_map(|place| {
        let instance = instances.get(&place.instance)?;
        Some(render::attribute_of(
            &cluster,
            instance,
            &place.name,
            instance.attributes.get(&place.name)?,
        ))
    });
    Ok(api::ListAttributesResponse {
        attributes: Some(shown.collect()),
        next_token: page.next_token,
    })
}

/// An attribute's place in the list: by instance, then by name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    instance: ContainerInstanceId,
    name: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.instance, self.name)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (instance, name) = text.split_once(' ').ok_or(())?;
        Ok(Self { instance: instance.parse().map_err(drop)?, name: name.to_owned() })
    }
}
