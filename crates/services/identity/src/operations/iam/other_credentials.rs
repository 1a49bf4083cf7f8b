//! What a user may have beside access keys on AWS: passwords, MFA devices, SSH keys, certificates.
//!
//! DEVIATES: access keys are the only credentials of a user. Of the others there are none and none can be made; whoever
//! asks is told so, as clients do that clean up before they delete a user.

pub mod delete_login_profile;
pub mod get_login_profile;
pub mod list_mfa_devices;
pub mod list_service_specific_credentials;
pub mod list_signing_certificates;
pub mod list_ssh_public_keys;
pub mod list_virtual_mfa_devices;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::caller::{self, Who};
use crate::entity;
use crate::service::Identity;
use crate::tables::{Account, User};

/// Whether there is the user that is asked about.
fn is_somebody(
    identity: &Identity,
    call: &Call,
    user_name: Option<String>,
) -> Result<(), Failure<api::Error>> {
    if let Who::User(name) = caller::user(call, user_name)? {
        entity::find::<User>(&identity.cell.snapshot(), Account::of(&call.scope), &name)?;
    }
    Ok(())
}

fn no_login_profile(user_name: Option<String>) -> api::Error {
    let who = user_name.map_or_else(|| "the root user".to_owned(), |name| format!("User {name}"));
    api::Error::no_such_entity(format!("Login Profile for {who} cannot be found."))
}
