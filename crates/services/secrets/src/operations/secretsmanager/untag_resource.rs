//! UntagResource: takes tags from a secret.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::naming;
use crate::service::Secrets;

pub async fn untag_resource(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::UntagResourceRequest,
) -> Result<Unit, Failure<api::Error>> {
    let id = input.secret_id.unwrap_or_default();
    let untag = move |tx: &mut Transaction| -> Result<(), Failure<api::Error>> {
        let mut secret = naming::find_live(tx, &call.scope, &id)?.clone();
        for key in input.tag_keys.iter().flatten() {
            secret.tags.remove(key);
        }
        secret.changed_at = call.now;
        tx.put(secret);
        Ok(())
    };
    secrets.cell.write(untag).await?;
    Ok(Unit {})
}
