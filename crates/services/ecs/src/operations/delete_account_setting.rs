//! DeleteAccountSetting: the principal has what everyone has again.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use crate::account_settings::{self, Setting};
use crate::service::Ecs;
use crate::tables::AccountSetting;

pub async fn delete_account_setting(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DeleteAccountSettingRequest,
) -> Result<api::DeleteAccountSettingResponse, Failure<api::Error>> {
    let owner = account_settings::owner(&call, input.principal_arn.as_deref())?;
    let setting = Setting::named(input.name.as_ref())?;
    let shown = ecs
        .cell
        .write(move |tx| {
            tx.delete::<AccountSetting>(&(
                call.scope.clone(),
                owner.as_key(),
                setting.name().to_owned(),
            ));
            // AWS: the answer has the value that is in force now, under the principal asked for.
            let (value, _) = account_settings::in_force(tx, &call.scope, &owner, setting);
            Ok::<_, api::Error>(account_settings::render(&call.scope, setting, &value, &owner))
        })
        .await?;
    Ok(api::DeleteAccountSettingResponse { setting: Some(shown) })
}
