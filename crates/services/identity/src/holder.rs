//! Who can hold policies: users, groups and roles. What is done to their policies is the same for each of them.
//!
//! `holder/attached.rs` has managed policies, `holder/inline.rs` those that belong to one holder, `holder/boundary.rs`
//! what bounds all of them.

pub mod attached;
pub mod boundary;
pub mod inline;

use berth_aws_api::iam as api;
use berth_control::cell::Transaction;

use crate::entity::{self, Entity};
use crate::tables::{Account, ByPolicy, Group, Permissions, Role, User};

/// A record of somebody who holds policies.
pub trait Holder: Entity {
    const LIMITS: Limits;

    fn permissions(&self) -> &Permissions;

    fn permissions_mut(&mut self) -> &mut Permissions;

    fn by_policy(indexes: &Self::Indexes) -> &ByPolicy;

    /// Whether its account may change it at all.
    fn is_ours(&self) -> Result<(), api::Error> {
        Ok(())
    }
}

/// AWS: its default quotas, and how errors call them.
pub struct Limits {
    pub noun: &'static str,
    pub attached_quota: &'static str,
    /// Managed policies that can be attached.
    pub attached: usize,
    /// The length of all inline policies together, without white space.
    pub inline: usize,
}

impl Holder for User {
    const LIMITS: Limits =
        Limits { noun: "user", attached_quota: "PoliciesPerUser", attached: 10, inline: 2048 };

    fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    fn permissions_mut(&mut self) -> &mut Permissions {
        &mut self.permissions
    }

    fn by_policy(indexes: &Self::Indexes) -> &ByPolicy {
        &indexes.by_policy
    }
}

impl Holder for Group {
    const LIMITS: Limits =
        Limits { noun: "group", attached_quota: "PoliciesPerGroup", attached: 10, inline: 5120 };

    fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    fn permissions_mut(&mut self) -> &mut Permissions {
        &mut self.permissions
    }

    fn by_policy(indexes: &Self::Indexes) -> &ByPolicy {
        &indexes.by_policy
    }
}

impl Holder for Role {
    const LIMITS: Limits =
        Limits { noun: "role", attached_quota: "PoliciesPerRole", attached: 10, inline: 10240 };

    fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    fn permissions_mut(&mut self) -> &mut Permissions {
        &mut self.permissions
    }

    fn by_policy(indexes: &Self::Indexes) -> &ByPolicy {
        &indexes.by_policy
    }

    fn is_ours(&self) -> Result<(), api::Error> {
        match &self.linked_to {
            None => Ok(()),
            Some(_) => Err(api::Error::unmodifiable_entity(format!(
                "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS",
                self.about.name
            ))),
        }
    }
}

/// Changes what a holder holds, if its account may.
pub fn change<H: Holder>(
    tx: &mut Transaction,
    account: Account,
    name: &str,
    change: impl FnOnce(&mut H) -> Result<(), api::Error>,
) -> Result<(), api::Error> {
    let found = entity::find::<H>(tx, account, name)?;
    found.is_ours()?;
    let mut changed = found.clone();
    change(&mut changed)?;
    tx.put(changed);
    Ok(())
}

/// AWS: who holds policies is not deleted.
pub fn holds_nothing<H: Holder>(holder: &H) -> Result<(), api::Error> {
    let permissions = holder.permissions();
    if !permissions.attached.is_empty() {
        return Err(conflict("Cannot delete entity, must detach all policies first."));
    }
    if !permissions.inline.is_empty() {
        return Err(conflict("Cannot delete entity, must delete policies first."));
    }
    Ok(())
}

pub fn conflict(message: &str) -> api::Error {
    api::Error::delete_conflict(message)
}
