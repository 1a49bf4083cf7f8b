//! PutAccountSettingDefault: for everyone in the account who has no setting of their own.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use super::put_account_setting::put;
use crate::service::Ecs;
use crate::tables::SettingOwner;

pub async fn put_account_setting_default(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::PutAccountSettingDefaultRequest,
) -> Result<api::PutAccountSettingDefaultResponse, Failure<api::Error>> {
    let setting = put(&ecs, &call, SettingOwner::Default, input.name.as_ref(), input.value).await?;
    Ok(api::PutAccountSettingDefaultResponse { setting: Some(setting) })
}
