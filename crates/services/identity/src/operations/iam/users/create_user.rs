//! CreateUser.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::holder::boundary;
use crate::service::Identity;
use crate::tables::{Account, Permissions, User};
use crate::{entity, render, tagging};

pub async fn create_user(
    identity: Arc<Identity>,
    call: Call,
    input: api::CreateUserRequest,
) -> Result<api::CreateUserResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.user_name.unwrap_or_default();
    let boundary = input.permissions_boundary;
    let tags = tagging::new(input.tags)?;
    let mut user = User {
        about: entity::about::<User>(&identity.env, account, name, input.path, tags, call.now),
        permissions: Permissions::default(),
        groups: Default::default(),
    };
    let made = identity
        .cell
        .write(move |tx| {
            user.permissions.boundary =
                boundary.map(|arn| boundary::find(tx, account, &arn)).transpose()?;
            entity::create(tx, user.clone())?;
            Ok::<_, api::Error>(render::user(tx, &user))
        })
        .await?;
    Ok(api::CreateUserResponse { user: Some(made) })
}
