//! PutAccountSetting: for the caller or, if the caller is root, for anyone.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use crate::account_settings::{self, Setting};
use crate::service::Ecs;
use crate::tables::{AccountSetting, SettingOwner};

pub async fn put_account_setting(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::PutAccountSettingRequest,
) -> Result<api::PutAccountSettingResponse, Failure<api::Error>> {
    let owner = account_settings::owner(&call, input.principal_arn.as_deref())?;
    let setting = put(&ecs, &call, owner, input.name.as_ref(), input.value).await?;
    Ok(api::PutAccountSettingResponse { setting: Some(setting) })
}

pub(super) async fn put(
    ecs: &Ecs,
    call: &Call,
    owner: SettingOwner,
    name: Option<&api::SettingName>,
    value: Option<String>,
) -> Result<api::Setting, Failure<api::Error>> {
    let setting = Setting::named(name)?;
    let value = value.unwrap_or_default();
    setting.check(&value, &owner)?;
    let shown = account_settings::render(&call.scope, setting, &value, &owner);
    let row =
        AccountSetting { scope: call.scope.clone(), owner, name: setting.name().to_owned(), value };
    ecs.cell
        .write(move |tx| {
            tx.put(row);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(shown)
}
