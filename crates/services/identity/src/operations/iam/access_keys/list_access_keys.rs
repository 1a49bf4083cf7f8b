//! ListAccessKeys: of a user, without the secrets.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{AccessKey, Account, User};
use crate::{caller, entity, render};

pub async fn list_access_keys(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListAccessKeysRequest,
) -> Result<api::ListAccessKeysResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = caller::user_name(&call, input.user_name)?;
    let paging = paging("ListAccessKeys", &name, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let user = entity::find::<User>(&view, account, &name)?;
    let keys = view.table::<AccessKey>();
    let of_user = keys.indexes().by_user.get(&user.key()).filter_map(|id| keys.get(id));
    let page = paging.cut(of_user.map(|key| (key.id.clone(), key)));
    let render = |key: &AccessKey| api::AccessKeyMetadata {
        user_name: Some(user.about.name.clone()),
        access_key_id: Some(key.id.clone()),
        status: Some(render::access_key_status(key)),
        create_date: Some(key.created_at),
    };
    Ok(api::ListAccessKeysResponse {
        access_key_metadata: Some(page.items.into_iter().map(render).collect()),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}
