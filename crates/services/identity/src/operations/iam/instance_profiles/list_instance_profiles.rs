//! ListInstanceProfiles: by path.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, InstanceProfile};
use crate::{entity, render};

pub async fn list_instance_profiles(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListInstanceProfilesRequest,
) -> Result<api::ListInstanceProfilesResponse, Failure<api::Error>> {
    let prefix = input.path_prefix.unwrap_or_default();
    let paging = paging("ListInstanceProfiles", &prefix, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let found = entity::all::<InstanceProfile>(&view, Account::of(&call.scope))
        .filter(|(_, found)| found.about.path.starts_with(&prefix));
    let page = paging.cut(found);
    Ok(api::ListInstanceProfilesResponse {
        instance_profiles: Some(
            page.items
                .into_iter()
                .map(|profile| render::instance_profile_briefly(&view, profile))
                .collect(),
        ),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}
