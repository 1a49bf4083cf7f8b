//! Managed policies of users, groups and roles.

use berth_aws_api::iam as api;
use berth_control::cell::Transaction;
use berth_control::tables::View;

use super::Holder;
use crate::tables::Account;
use crate::{entity, managed};

/// Attaching what is attached changes nothing.
pub fn attach<H: Holder>(
    tx: &mut Transaction,
    account: Account,
    name: &str,
    arn: &str,
) -> Result<(), api::Error> {
    managed::check_arn(account, arn)?;
    let policy = managed::find(tx, account, arn).ok_or_else(|| {
        let message = format!("Policy {arn} does not exist or is not attachable.");
        api::Error::no_such_entity(message)
    })?;
    if !policy.is_for_everybody() {
        let message = "Cannot attach a Service Role Policy to a Customer Role.";
        return Err(api::Error::policy_not_attachable(message));
    }
    let policy = policy.policy_ref();
    super::change::<H>(tx, account, name, |holder| {
        let attached = &mut holder.permissions_mut().attached;
        attached.insert(policy);
        match attached.len() > H::LIMITS.attached {
            true => Err(entity::exceeded(H::LIMITS.attached_quota, H::LIMITS.attached)),
            false => Ok(()),
        }
    })
}

pub fn detach<H: Holder>(
    tx: &mut Transaction,
    account: Account,
    name: &str,
    arn: &str,
) -> Result<(), api::Error> {
    managed::check_arn(account, arn)?;
    let policy = managed::find(tx, account, arn).map(|policy| policy.policy_ref());
    super::change::<H>(tx, account, name, |holder| {
        let attached = &mut holder.permissions_mut().attached;
        match policy.is_some_and(|policy| attached.remove(&policy)) {
            true => Ok(()),
            false => Err(api::Error::no_such_entity(format!("Policy {arn} was not found."))),
        }
    })
}

/// Those whose paths begin like this, in the order of their names, each with what a listing goes on from.
pub fn list<H: Holder>(
    view: &impl View,
    account: Account,
    holder: &H,
    path_prefix: &str,
) -> Vec<(String, api::AttachedPolicy)> {
    let attached = holder.permissions().attached.iter();
    let mut listed: Vec<_> = attached
        .filter_map(|policy| managed::by_ref(view, account, policy))
        .filter(|policy| policy.path().starts_with(path_prefix))
        .map(|policy| {
            let (name, arn) = (policy.name().to_owned(), policy.arn(account));
            let key = format!("{name} {arn}");
            (key, api::AttachedPolicy { policy_name: Some(name), policy_arn: Some(arn) })
        })
        .collect();
    listed.sort_by(|(a, _), (b, _)| a.cmp(b));
    listed
}
