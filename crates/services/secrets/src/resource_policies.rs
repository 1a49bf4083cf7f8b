//! The policies of keys and secrets themselves, for whoever decides about calls.

use berth_control::tables::View;
use berth_iam_policy::Document;
use berth_model::{Arn, Scope};

use crate::keys::find;
use crate::tables::Key;

/// What the owner of a resource has said about it.
#[derive(Clone, Copy, Debug)]
pub struct ResourcePolicy<'v> {
    pub owner: &'v Scope,
    pub document: &'v Document,
    /// Whether nobody may do anything that it does not allow, not even in the owner's account: the rule for keys.
    pub must_allow: bool,
}

/// The policy of the key of this ARN, in whichever world that is.
pub fn of_key<'v>(view: &'v impl View, arn: &str) -> Option<ResourcePolicy<'v>> {
    let scope = arn.parse::<Arn>().ok()?.scope()?;
    let key: &Key = find(view, &scope, arn).ok()?;
    let document = key.policy.document().ok()?;
    Some(ResourcePolicy { owner: &key.scope, document, must_allow: true })
}
