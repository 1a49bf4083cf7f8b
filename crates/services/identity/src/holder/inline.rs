//! Policies that belong to one user, group or role.

use berth_aws_api::iam as api;
use berth_control::cell::Transaction;
use berth_control::tables::View;

use super::Holder;
use crate::documents;
use crate::entity;
use crate::tables::{Account, PolicyText};

/// Adds a policy, or replaces the one of this name.
pub fn put<H: Holder>(
    tx: &mut Transaction,
    account: Account,
    name: &str,
    policy_name: String,
    policy: PolicyText,
) -> Result<(), api::Error> {
    super::change::<H>(tx, account, name, |holder| {
        holder.permissions_mut().inline.insert(policy_name, policy);
        let texts = holder.permissions().inline.values();
        let size: usize = texts.map(|text| documents::size(text.as_str())).sum();
        if size <= H::LIMITS.inline {
            return Ok(());
        }
        let (noun, most) = (H::LIMITS.noun, H::LIMITS.inline);
        let holder = &holder.about().name;
        Err(api::Error::limit_exceeded(format!(
            "Maximum policy size of {most} bytes exceeded for {noun} {holder}"
        )))
    })
}

pub fn get<'v, H: Holder>(
    view: &'v impl View,
    account: Account,
    name: &str,
    policy_name: &str,
) -> Result<(&'v H, &'v PolicyText), api::Error> {
    let holder = entity::find::<H>(view, account, name)?;
    let policy = holder.permissions().inline.get(policy_name);
    Ok((holder, policy.ok_or_else(|| no_such::<H>(policy_name))?))
}

pub fn delete<H: Holder>(
    tx: &mut Transaction,
    account: Account,
    name: &str,
    policy_name: &str,
) -> Result<(), api::Error> {
    super::change::<H>(tx, account, name, |holder| {
        match holder.permissions_mut().inline.remove(policy_name) {
            Some(_) => Ok(()),
            None => Err(no_such::<H>(policy_name)),
        }
    })
}

/// Their names, each with what a listing goes on from.
pub fn names<H: Holder>(holder: &H) -> impl Iterator<Item = (String, String)> {
    holder.permissions().inline.keys().map(|name| (name.clone(), name.clone()))
}

fn no_such<H: Holder>(policy_name: &str) -> api::Error {
    let noun = H::LIMITS.noun;
    api::Error::no_such_entity(format!(
        "The {noun} policy with name {policy_name} cannot be found."
    ))
}
