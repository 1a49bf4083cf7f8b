//! CreateInstanceProfile.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::{Account, InstanceProfile};
use crate::{entity, render, tagging};

pub async fn create_instance_profile(
    identity: Arc<Identity>,
    call: Call,
    input: api::CreateInstanceProfileRequest,
) -> Result<api::CreateInstanceProfileResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.instance_profile_name.unwrap_or_default();
    let tags = tagging::new(input.tags)?;
    let about =
        entity::about::<InstanceProfile>(&identity.env, account, name, input.path, tags, call.now);
    let profile = InstanceProfile { about, role: None };
    let made = identity
        .cell
        .write(move |tx| {
            entity::create(tx, profile.clone())?;
            Ok::<_, api::Error>(render::instance_profile(tx, &profile))
        })
        .await?;
    Ok(api::CreateInstanceProfileResponse { instance_profile: Some(made) })
}
