//! What was decided, and by which statement.

use std::fmt;

use crate::denial::Denial;
use crate::policies::{Attached, Request};
use crate::statement::Statement;

/// The part that a policy played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    Identity,
    Boundary,
    Session,
    Resource,
    Trust,
}

/// A statement that spoke of the request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Matched<'p> {
    pub source: Source,
    pub policy: Attached<'p>,
    /// Counted from 0.
    pub number: usize,
}

impl<'p> Matched<'p> {
    pub fn statement(&self) -> &'p Statement {
        &self.policy.document.statements()[self.number]
    }
}

impl fmt::Debug for Matched<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} statement {}", self.source, self.policy.id, self.number + 1)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'p> {
    /// By one of the statements that allow it; by none for the account's root.
    Allowed(Option<Matched<'p>>),
    ExplicitDeny(Matched<'p>),
    /// Nobody denies it, but this sort of policy would have had to allow it.
    ImplicitDeny(Source),
}

impl Decision<'_> {
    pub fn is_allowed(&self) -> bool {
        matches!(self, Decision::Allowed(_))
    }

    /// Why not, in AWS's words.
    pub fn denial<'a>(&self, request: &Request<'a>) -> Option<Denial<'a>> {
        match self {
            Decision::Allowed(_) => None,
            Decision::ExplicitDeny(matched) => Some(Denial::new(request, matched.source, true)),
            Decision::ImplicitDeny(source) => Some(Denial::new(request, *source, false)),
        }
    }
}
