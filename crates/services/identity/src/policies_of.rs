//! Which policies bear on what somebody may do: what the authorizer asks.
//!
//! It is a few look-ups in whatever view it is given, so nothing is seen later than the transaction that wrote it. The
//! policies come compiled: see [`PolicyText`](crate::tables::PolicyText).

use std::fmt;

use berth_control::tables::View;
use berth_iam_policy::{Attached, Malformed};

use crate::holder::Holder;
use crate::managed::{self, Managed};
use crate::tables::{EntityKey, Group, PolicyRef, PolicyText, Role, User};

/// Somebody whose permissions come from policies, by the keys of their rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who<'a> {
    User(&'a EntityKey),
    Role(&'a EntityKey),
}

/// The policies of a user with its groups, or of a role.
pub struct PoliciesOf<'v> {
    pub identity: Vec<Held<'v>>,
    pub boundary: Option<Held<'v>>,
}

/// One of them.
pub struct Held<'v> {
    pub origin: Origin<'v>,
    /// `None` if it is lost.
    text: Option<&'v PolicyText>,
}

/// Where it comes from.
pub enum Origin<'v> {
    /// `kind` is `user`, `group` or `role`.
    Inline {
        kind: &'static str,
        holder: &'v str,
        name: &'v str,
    },
    Managed {
        arn: String,
        policy: Managed<'v>,
    },
    /// A row speaks of it, and nobody knows it: another build's library had it, or a store was mended by hand.
    Lost(String),
}

/// Why a policy says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    Malformed(Malformed),
    Gone,
}

/// `None` if there is nobody of this key any more.
pub fn policies_of<'v>(view: &'v impl View, who: Who<'_>) -> Option<PoliciesOf<'v>> {
    match who {
        Who::User(key) => {
            let user = view.get::<User>(key)?;
            let mut policies = of_holder(view, user);
            for group in &user.groups {
                match view.get::<Group>(&(key.0, group.clone())) {
                    Some(group) => policies.identity.extend(of_holder(view, group).identity),
                    None => policies.identity.push(Held::lost(format!("of the group {group}"))),
                }
            }
            Some(policies)
        }
        Who::Role(key) => Some(of_holder(view, view.get::<Role>(key)?)),
    }
}

/// Of one holder alone: of a group, or of a user without its groups.
pub fn of_holder<'v, H: Holder>(view: &'v impl View, holder: &'v H) -> PoliciesOf<'v> {
    let (about, permissions) = (holder.about(), holder.permissions());
    let managed = |policy| match managed::by_ref(view, about.account, policy) {
        Some(policy) => Held::managed(policy.arn(about.account), policy),
        None => Held::lost(match policy {
            PolicyRef::Customer(id) => id.to_string(),
            PolicyRef::Aws(name) => name.clone(),
        }),
    };
    let inline = permissions.inline.iter().map(|(name, text)| Held {
        origin: Origin::Inline { kind: H::LIMITS.noun, holder: &about.name, name },
        text: Some(text),
    });
    PoliciesOf {
        identity: inline.chain(permissions.attached.iter().map(managed)).collect(),
        boundary: permissions.boundary.as_ref().map(managed),
    }
}

impl<'v> Held<'v> {
    pub fn managed(arn: String, policy: Managed<'v>) -> Self {
        let text = match policy {
            Managed::Customer(policy) => &policy.in_force().document,
            Managed::Aws(policy) => &policy.document,
        };
        Held { origin: Origin::Managed { arn, policy }, text: Some(text) }
    }

    fn lost(id: String) -> Self {
        Held { origin: Origin::Lost(id), text: None }
    }

    /// What readers of a decision know it by: a managed policy's ARN, an inline policy's name.
    pub fn id(&self) -> &str {
        match &self.origin {
            Origin::Inline { name, .. } => name,
            Origin::Managed { arn, .. } => arn,
            Origin::Lost(id) => id,
        }
    }

    /// What it says, if anybody knows it.
    pub fn text(&self) -> Option<&'v PolicyText> {
        self.text
    }

    /// For deciding. An error means that nothing may be decided without it: it might deny, or be a boundary.
    pub fn attached(&self) -> Result<Attached<'_>, Unreadable> {
        let document = self.text.ok_or(Unreadable::Gone)?.as_permissions();
        let document = document.map_err(|malformed| Unreadable::Malformed(malformed.clone()))?;
        Ok(Attached::new(self.id(), document))
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::Malformed(malformed) => malformed.fmt(f),
            Unreadable::Gone => f.write_str("there is no such policy any more"),
        }
    }
}

impl std::error::Error for Unreadable {}
