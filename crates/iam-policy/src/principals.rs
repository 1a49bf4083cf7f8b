//! The element `Principal` or `NotPrincipal` of resource-based and trust policies.
//!
//! How a principal is named decides what a permission is worth ([`Grant`]).

mod entry;

use crate::malformed::Malformed;
use crate::principal::Principal;
use entry::Entry;

/// What it is worth to be allowed by a resource's policy, in the resource's own account.
///
/// AWS: user guide, "Policy evaluation logic", the table of implicit denies in other policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grant {
    /// The account was named: its own policies decide about its people.
    Delegated,
    /// The role, or the federating user, was named: boundary and session policies still limit it.
    Limited,
    /// The user or the session itself was named, or everybody: nothing but a deny limits it.
    Direct,
}

/// In the order of AWS's pages.
const KINDS: [&str; 3] = ["AWS", "Service", "Federated"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principals {
    /// `NotPrincipal`: all but these.
    negated: bool,
    /// A bare `*`, not within `AWS`.
    bare: bool,
    /// By kind.
    entries: Box<[Entry]>,
}

impl Principals {
    pub(crate) fn everybody(negated: bool) -> Self {
        Self { negated, bare: true, entries: Box::new([Entry::Everybody]) }
    }

    /// Of pairs of a kind (`AWS`, `Service`, `Federated`) and a text.
    pub(crate) fn compile(named: &[(String, String)], negated: bool) -> Result<Self, Malformed> {
        let entries = named.iter().map(|(kind, text)| Entry::parse(kind, text));
        let mut entries = entries.collect::<Result<Box<[Entry]>, _>>()?;
        entries.sort_by_key(|entry| KINDS.iter().position(|kind| *kind == entry.kind()));
        Ok(Self { negated, bare: false, entries })
    }

    pub(crate) fn negated(&self) -> bool {
        self.negated
    }

    /// The kinds, each with its texts; `None` for a bare `*`.
    pub(crate) fn written(&self) -> Option<Vec<(&'static str, Vec<String>)>> {
        if self.bare {
            return None;
        }
        let kinds = KINDS.map(|kind| {
            let entries = self.entries.iter().filter(|entry| entry.kind() == kind);
            (kind, entries.map(Entry::to_string).collect::<Vec<_>>())
        });
        Some(kinds.into_iter().filter(|(_, texts)| !texts.is_empty()).collect())
    }

    /// What the element grants this principal; `None` if it does not speak of it.
    pub(crate) fn grant(&self, principal: &Principal<'_>) -> Option<Grant> {
        if self.negated {
            let spared = self.entries.iter().any(|entry| entry.spares(principal));
            return (!spared).then_some(Grant::Direct);
        }
        self.entries.iter().filter_map(|entry| entry.grant(principal)).max()
    }
}

#[cfg(test)]
mod tests;
