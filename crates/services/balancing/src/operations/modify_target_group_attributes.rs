//! ModifyTargetGroupAttributes: all that are named, or none.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::service::Balancing;
use crate::target_groups::settings;
use crate::{attributes, find};

pub async fn modify_target_group_attributes(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::ModifyTargetGroupAttributesInput,
) -> Result<api::ModifyTargetGroupAttributesOutput, Failure<api::Error>> {
    let arn = input.target_group_arn.unwrap_or_default();
    let given = input.attributes.unwrap_or_default();
    let modify = move |tx: &mut Transaction| {
        let mut found = find::target_group(tx, &call.scope, &arn)?.clone();
        let known = attributes::target_group::of(&found);
        let given = given.into_iter().map(|attribute| (attribute.key, attribute.value));
        found.attributes = known.set(&found.attributes, given)?;
        settings::check(&known, &found.attributes)?;
        let shown = known.all(&found.attributes);
        let shown = shown.map(|(key, value)| api::TargetGroupAttribute { key, value }).collect();
        tx.put(found);
        Ok::<Vec<api::TargetGroupAttribute>, api::Error>(shown)
    };
    let attributes = balancing.cell.write(modify).await?;
    Ok(api::ModifyTargetGroupAttributesOutput { attributes: Some(attributes) })
}
