//! CreateAccessKey: two at most for each user. The secret is told now and never again.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use crate::service::Identity;
use crate::tables::{AccessKey, Account, User};
use crate::{caller, entity, random};

pub async fn create_access_key(
    identity: Arc<Identity>,
    call: Call,
    input: api::CreateAccessKeyRequest,
) -> Result<api::CreateAccessKeyResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = caller::user_name(&call, input.user_name)?;
    let id = format!("AKIA{}", random::text(&identity.env, random::UPPER, 16));
    let secret = random::text(&identity.env, random::BASE64, 40);
    let sealed = identity.sealer.seal(AccessKey::purpose(&id), secret.as_bytes());
    let (key_id, created_at) = (id.clone(), call.now);
    let user_name = identity
        .cell
        .write(move |tx| {
            let user = entity::find::<User>(tx, account, &name)?;
            let name = user.about.name.clone();
            if tx.table::<AccessKey>().indexes().by_user.get(&user.key()).count() >= KEYS_PER_USER {
                return Err(entity::exceeded("AccessKeysPerUser", KEYS_PER_USER));
            }
            let user = user.about.id.clone();
            tx.put(AccessKey { id, account, user, is_active: true, created_at, secret: sealed });
            Ok(name)
        })
        .await?;
    Ok(api::CreateAccessKeyResponse {
        access_key: Some(api::AccessKey {
            user_name: Some(user_name),
            access_key_id: Some(key_id),
            status: Some(api::StatusType::Active),
            secret_access_key: Some(secret),
            create_date: Some(created_at),
        }),
    })
}

/// AWS: no user may have more.
pub const KEYS_PER_USER: usize = 2;
