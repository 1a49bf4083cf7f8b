//! GetUser: one by its name, or whoever asks.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::caller::{self, Who};
use crate::service::Identity;
use crate::tables::Account;
use crate::{entity, render};

pub async fn get_user(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetUserRequest,
) -> Result<api::GetUserResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let view = identity.cell.snapshot();
    let user = match caller::user(&call, input.user_name)? {
        Who::User(name) => render::user(&view, entity::find(&view, account, &name)?),
        Who::Root => root(account),
    };
    Ok(api::GetUserResponse { user: Some(user) })
}

/// AWS: the root user has no name.
fn root(account: Account) -> api::User {
    api::User {
        user_id: Some(account.id.to_string()),
        arn: Some(account.arn("root")),
        ..api::User::default()
    }
}
