//! DeleteListener: with its rules.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::service::Balancing;
use crate::{find, listeners};

pub async fn delete_listener(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DeleteListenerInput,
) -> Result<api::DeleteListenerOutput, Failure<api::Error>> {
    let arn = input.listener_arn.unwrap_or_default();
    let delete = move |tx: &mut Transaction| {
        let id = find::listener(tx, &call.scope, &arn)?.id;
        listeners::delete(tx, id);
        Ok::<_, api::Error>(())
    };
    balancing.cell.write(delete).await?;
    Ok(api::DeleteListenerOutput::default())
}
