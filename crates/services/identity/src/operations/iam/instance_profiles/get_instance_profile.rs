//! GetInstanceProfile.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::Account;
use crate::{entity, render};

pub async fn get_instance_profile(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetInstanceProfileRequest,
) -> Result<api::GetInstanceProfileResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.instance_profile_name.unwrap_or_default();
    let view = identity.cell.snapshot();
    let profile = render::instance_profile(&view, entity::find(&view, account, &name)?);
    Ok(api::GetInstanceProfileResponse { instance_profile: Some(profile) })
}
