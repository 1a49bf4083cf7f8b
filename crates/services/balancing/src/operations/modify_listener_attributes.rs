//! ModifyListenerAttributes: all that are named, or none.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::service::Balancing;
use crate::{attributes, find};

pub async fn modify_listener_attributes(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::ModifyListenerAttributesInput,
) -> Result<api::ModifyListenerAttributesOutput, Failure<api::Error>> {
    let arn = input.listener_arn.unwrap_or_default();
    let given = input.attributes.unwrap_or_default();
    let modify = move |tx: &mut Transaction| {
        let mut found = find::listener(tx, &call.scope, &arn)?.clone();
        let known = attributes::listener::of(&found);
        let given = given.into_iter().map(|attribute| (attribute.key, attribute.value));
        found.attributes = known.set(&found.attributes, given)?;
        let shown = known.all(&found.attributes);
        let shown = shown.map(|(key, value)| api::ListenerAttribute { key, value }).collect();
        tx.put(found);
        Ok::<Vec<api::ListenerAttribute>, api::Error>(shown)
    };
    let attributes = balancing.cell.write(modify).await?;
    Ok(api::ModifyListenerAttributesOutput { attributes: Some(attributes) })
}
