//! What is asked, and the policies that bear on it.

use berth_model::AccountId;

use crate::context::Context;
use crate::decision::Source;
use crate::document::{Document, Kind};
use crate::principal::Principal;

/// A request as policies see it.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub principal: Principal<'a>,
    /// `service:Name`, in any case.
    pub action: &'a str,
    /// The ARN of what it is about; `None` for an action that is about no resource, which policies know as `*`.
    pub resource: Option<&'a str>,
    pub context: &'a dyn Context,
}

/// A policy and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attached<'p> {
    /// For those who read a decision: an ARN, or whatever else the caller knows a policy by.
    pub id: &'p str,
    pub document: &'p Document,
}

impl<'p> Attached<'p> {
    pub fn new(id: &'p str, document: &'p Document) -> Self {
        Self { id, document }
    }
}

/// All policies that bear on a request. The order within a slice decides nothing but which one is named.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policies<'p> {
    /// Of the user with its groups, or of the role.
    pub identity: &'p [Attached<'p>],
    /// Of the user or the role.
    pub boundary: Option<Attached<'p>>,
    /// Given when the session began, which may do what any of these allows; `None` if none were given.
    /// A federated user without any (`Some(&[])`) may do only what resources allow it.
    pub session: Option<&'p [Attached<'p>]>,
    /// `None` for a resource of the principal's own account that has no policy.
    pub resource: Option<ResourceSide<'p>>,
}

/// What the owner of the resource has to say.
#[derive(Debug, Clone, Copy)]
pub struct ResourceSide<'p> {
    pub owner: AccountId,
    pub policy: Option<Attached<'p>>,
    /// Whether nobody may do anything that this policy does not allow, not even in the owner's account:
    /// the rule for trust policies of roles and for policies of KMS keys.
    pub must_allow: bool,
}

impl<'p> Policies<'p> {
    /// Every policy with the part that it plays, which decides what it is for: the same managed policy may be
    /// one identity's own and another's boundary.
    pub(crate) fn by_source(&self) -> [(Source, &[Attached<'p>]); 4] {
        let resource = self.resource.as_ref().map_or(&[][..], |side| side.policy.as_slice());
        [
            (self.resource_source(), resource),
            (Source::Identity, self.identity),
            (Source::Boundary, self.boundary.as_slice()),
            (Source::Session, self.session.unwrap_or_default()),
        ]
    }

    /// What to call the policy of the resource: a role's has a name of its own.
    pub(crate) fn resource_source(&self) -> Source {
        let policy = self.resource.and_then(|resource| resource.policy);
        match policy.map(|policy| policy.document.kind()) {
            Some(Kind::Trust) => Source::Trust,
            _ => Source::Resource,
        }
    }
}

/// A request in the parts that statements look at.
pub(crate) struct Asked<'a> {
    pub(crate) principal: &'a Principal<'a>,
    pub(crate) service: &'a str,
    pub(crate) name: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) context: &'a dyn Context,
    /// Whether the principal has a permissions boundary.
    pub(crate) bounded: bool,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(request: &'a Request<'a>, policies: &Policies<'_>) -> Self {
        Self::about(Self::parts(request.action), request, policies.boundary.is_some())
    }

    /// The service and the name of an action.
    pub(crate) fn parts(action: &str) -> (&str, &str) {
        action.split_once(':').unwrap_or((action, ""))
    }

    pub(crate) fn about(
        (service, name): (&'a str, &'a str),
        request: &'a Request<'a>,
        bounded: bool,
    ) -> Self {
        Self {
            principal: &request.principal,
            service,
            name,
            resource: request.resource.unwrap_or("*"),
            context: request.context,
            bounded,
        }
    }
}
