//! The policies that a user, a group or a role holds.

use std::collections::{BTreeMap, BTreeSet};

use berth_control::tables::{Count, Index};
use minicbor::{Decode, Encode};

use super::{About, Account, EntityKey, PolicyText, UniqueId};

/// Kept in the row of whoever holds them: one look-up finds what bears on a decision, and nobody is ever left with
/// policies of a holder that is gone.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct Permissions {
    /// Inline policies, by name.
    #[n(0)]
    pub inline: BTreeMap<String, PolicyText>,
    #[n(1)]
    pub attached: BTreeSet<PolicyRef>,
    /// AWS: groups have none.
    #[n(2)]
    pub boundary: Option<PolicyRef>,
}

/// A managed policy: one of the account, or one of AWS's library.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum PolicyRef {
    #[n(0)]
    Customer(#[n(0)] UniqueId),
    /// By its name.
    #[n(1)]
    Aws(#[n(0)] String),
}

/// Who holds a managed policy, and who is bounded by one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ByPolicy {
    attached: Index<(Account, PolicyRef), EntityKey>,
    attachments: Count<(Account, PolicyRef)>,
    bounded: Index<(Account, PolicyRef), EntityKey>,
    boundaries: Count<(Account, PolicyRef)>,
}

impl ByPolicy {
    pub fn insert(&mut self, about: &About, permissions: &Permissions) {
        for policy in &permissions.attached {
            let policy = (about.account, policy.clone());
            self.attachments.add(policy.clone());
            self.attached.insert(policy, about.key());
        }
        if let Some(policy) = &permissions.boundary {
            let policy = (about.account, policy.clone());
            self.boundaries.add(policy.clone());
            self.bounded.insert(policy, about.key());
        }
    }

    pub fn remove(&mut self, about: &About, permissions: &Permissions) {
        for policy in &permissions.attached {
            let policy = (about.account, policy.clone());
            self.attachments.subtract(&policy);
            self.attached.remove(&policy, &about.key());
        }
        if let Some(policy) = &permissions.boundary {
            let policy = (about.account, policy.clone());
            self.boundaries.subtract(&policy);
            self.bounded.remove(&policy, &about.key());
        }
    }

    pub fn holders(&self, policy: &(Account, PolicyRef)) -> impl Iterator<Item = &EntityKey> {
        self.attached.get(policy)
    }

    pub fn bounded(&self, policy: &(Account, PolicyRef)) -> impl Iterator<Item = &EntityKey> {
        self.bounded.get(policy)
    }

    pub fn attachments(&self, policy: &(Account, PolicyRef)) -> u64 {
        self.attachments.get(policy)
    }

    pub fn boundaries(&self, policy: &(Account, PolicyRef)) -> u64 {
        self.boundaries.get(policy)
    }
}
