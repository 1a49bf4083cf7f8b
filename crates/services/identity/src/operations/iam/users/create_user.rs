//! CreateUser.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::{Account, User};
use crate::{entity, render, tagging};

pub async fn create_user(
    identity: Arc<Identity>,
    call: Call,
    input: api::CreateUserRequest,
) -> Result<api::CreateUserResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.user_name.unwrap_or_default();
    let tags = tagging::new(input.tags)?;
    let user = User {
        about: entity::about::<User>(&identity.env, account, name, input.path, tags, call.now),
    };
    let made = identity
        .cell
        .write(move |tx| {
            entity::room_for::<User>(tx, &user.about)?;
            tx.put(user.clone());
            Ok::<_, api::Error>(user)
        })
        .await?;
    Ok(api::CreateUserResponse { user: Some(render::user(&made)) })
}
