//! ListAccountSettings: what a principal has set, or what is in force for it.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use crate::account_settings::{self, Setting};
use crate::paging::Paging;
use crate::service::Ecs;

/// AWS: pages of settings are smaller than those of other lists.
const MOST: i32 = 10;

pub async fn list_account_settings(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::ListAccountSettingsRequest,
) -> Result<api::ListAccountSettingsResponse, Failure<api::Error>> {
    let owner = account_settings::owner(&call, input.principal_arn.as_deref())?;
    let effective = input.effective_settings.unwrap_or(false);
    if input.value.is_some() && input.name.is_none() {
        return Err(api::Error::invalid_parameter(
            "A value can only be given together with a name.",
        )
        .into());
    }
    let wanted = input.name.as_ref().map(|name| Setting::named(Some(name))).transpose()?;
    let filters = (&call.scope, &owner, effective, wanted, &input.value);
    let paging = Paging::<String>::of_at_most(
        MOST,
        "ListAccountSettings",
        &filters,
        input.max_results,
        input.next_token,
    )?;

    let view = ecs.cell.snapshot();
    let find = |setting: Setting| {
        let (value, by) = if effective {
            account_settings::in_force(&view, &call.scope, &owner, setting)
        } else {
            (account_settings::own(&view, &call.scope, &owner, setting)?, owner.clone())
        };
        let shown = account_settings::render(&call.scope, setting, &value, &by);
        input.value.as_ref().is_none_or(|wanted| *wanted == value).then_some(shown)
    };
    let settings =
        Setting::ALL.into_iter().filter(|setting| wanted.is_none_or(|wanted| wanted == *setting));
    let listed = settings
        .filter(|setting| paging.after().is_none_or(|after| setting.name() > after.as_str()))
        .filter(|setting| find(*setting).is_some());
    let page = paging.cut(listed.map(|setting| setting.name().to_owned()));
    let shown = Setting::ALL
        .into_iter()
        .filter(|setting| page.items.iter().any(|name| name == setting.name()));
    Ok(api::ListAccountSettingsResponse {
        settings: Some(shown.filter_map(find).collect()),
        next_token: page.next_token,
    })
}
