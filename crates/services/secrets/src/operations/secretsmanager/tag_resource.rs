//! TagResource: adds tags to a secret.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::{naming, tagging};
use crate::service::Secrets;

pub async fn tag_resource(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::TagResourceRequest,
) -> Result<Unit, Failure<api::Error>> {
    let id = input.secret_id.unwrap_or_default();
    let tag = move |tx: &mut Transaction| -> Result<(), Failure<api::Error>> {
        let mut secret = naming::find_live(tx, &call.scope, &id)?.clone();
        secret.tags = tagging::add(&secret.tags, input.tags)?;
        secret.changed_at = call.now;
        tx.put(secret);
        Ok(())
    };
    secrets.cell.write(tag).await?;
    Ok(Unit {})
}
