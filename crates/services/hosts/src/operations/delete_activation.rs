//! DeleteActivation: no more hosts by it. Those that joined stay.

use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Hosts;
use crate::tables::{Activation, ActivationId};

pub async fn delete_activation(
    hosts: Arc<Hosts>,
    call: Call,
    input: api::DeleteActivationRequest,
) -> Result<api::DeleteActivationResult, Failure<api::Error>> {
    let given = input.activation_id.unwrap_or_default();
    let id: ActivationId = given.parse().map_err(|_| {
        api::Error::invalid_activation_id(format!("`{given}` is not the id of an activation."))
    })?;
    hosts
        .cell
        .write(move |tx| match tx.delete::<Activation>(&(call.scope, id.0)) {
            Some(_) => Ok(()),
            None => Err(api::Error::invalid_activation(format!("There is no activation {id}."))),
        })
        .await?;
    Ok(api::DeleteActivationResult {})
}
