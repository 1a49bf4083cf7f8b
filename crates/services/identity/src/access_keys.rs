//! How an access key is found that a request names.

use berth_aws_api::iam as api;
use berth_control::tables::{Record, View};

use crate::entity;
use crate::tables::{AccessKey, Account, User};

/// The key of this id, if it is this user's.
pub fn of_user<'v>(
    view: &'v impl View,
    account: Account,
    user_name: &str,
    id: &str,
) -> Result<&'v AccessKey, api::Error> {
    let user = entity::find::<User>(view, account, user_name)?.key();
    let key = view.get::<AccessKey>(&id.to_owned()).filter(|key| key.user_key() == user);
    key.ok_or_else(|| no_such(id))
}

pub fn no_such(id: &str) -> api::Error {
    api::Error::no_such_entity(format!("The Access Key with id {id} cannot be found."))
}
