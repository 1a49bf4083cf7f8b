//! GetAccessKeyLastUsed.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::access_keys;
use crate::service::Identity;
use crate::tables::{AccessKey, Account, LastUse, User};

pub async fn get_access_key_last_used(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetAccessKeyLastUsedRequest,
) -> Result<api::GetAccessKeyLastUsedResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let id = input.access_key_id.unwrap_or_default();
    let view = identity.cell.snapshot();
    let key = view.get::<AccessKey>(&id).filter(|key| key.account == account);
    let user = key.and_then(|key| view.get::<User>(&key.user_key()));
    let user = user.ok_or_else(|| access_keys::no_such(&id))?;
    let used = match view.get::<LastUse>(&id) {
        Some(used) => api::AccessKeyLastUsed {
            last_used_date: Some(used.at),
            service_name: Some(used.service.clone()),
            region: Some(used.region.to_string()),
        },
        // AWS: these words, and no date.
        None => api::AccessKeyLastUsed {
            last_used_date: None,
            service_name: Some("N/A".to_owned()),
            region: Some("N/A".to_owned()),
        },
    };
    Ok(api::GetAccessKeyLastUsedResponse {
        user_name: Some(user.about.name.clone()),
        access_key_last_used: Some(used),
    })
}
