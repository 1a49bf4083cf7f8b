//! RotateKeyOnDemand: new material now, whatever the schedule.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::request::{self, Needs};
use crate::keys::rotate;
use crate::service::Secrets;
use crate::tables::{Key, Made};

/// AWS: no key may be rotated so more often.
const MOST: usize = 25;

/// DEVIATES: it is done when the call is answered; on AWS it takes a while, which GetKeyRotationStatus tells.
pub async fn rotate_key_on_demand(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::RotateKeyOnDemandRequest,
) -> Result<api::RotateKeyOnDemandResponse, Failure<api::Error>> {
    let (vault, now) = (secrets.vault.clone(), call.now);
    let rotate = move |key: &mut Key| {
        let already = key.material.iter().filter(|material| material.made == Made::OnDemand);
        if already.count() >= MOST {
            let words = format!("{} was rotated on demand {MOST} times, the most.", key.arn());
            return Err(api::Error::limit_exceeded(words).into());
        }
        rotate(&vault, key, Made::OnDemand, now);
        Ok(key.id.to_string())
    };
    let id = request::change(&secrets, &call, input.key_id, Needs::Enabled, rotate).await?;
    Ok(api::RotateKeyOnDemandResponse { key_id: Some(id) })
}
