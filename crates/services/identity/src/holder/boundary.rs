//! What bounds the permissions of a user or a role, whatever their policies allow.

use berth_aws_api::iam as api;
use berth_control::cell::Transaction;
use berth_control::tables::View;

use super::Holder;
use crate::managed;
use crate::tables::{Account, PolicyRef};

/// The managed policy that is asked for.
pub fn find(view: &impl View, account: Account, arn: &str) -> Result<PolicyRef, api::Error> {
    managed::check_arn(account, arn)?;
    let policy = managed::find(view, account, arn).filter(managed::Managed::is_for_everybody);
    policy.map(|policy| policy.policy_ref()).ok_or_else(|| {
        let message = format!("Scope ARN: {arn} does not exist or is not attachable.");
        api::Error::no_such_entity(message)
    })
}

pub fn put<H: Holder>(
    tx: &mut Transaction,
    account: Account,
    name: &str,
    arn: &str,
) -> Result<(), api::Error> {
    let policy = find(tx, account, arn)?;
    super::change::<H>(tx, account, name, |holder| {
        holder.permissions_mut().boundary = Some(policy);
        Ok(())
    })
}

pub fn delete<H: Holder>(
    tx: &mut Transaction,
    account: Account,
    name: &str,
) -> Result<(), api::Error> {
    super::change::<H>(tx, account, name, |holder| match holder.permissions_mut().boundary.take() {
        Some(_) => Ok(()),
        None => Err(api::Error::no_such_entity(format!(
            "The {} with name {name} has no permissions boundary.",
            H::LIMITS.noun
        ))),
    })
}
