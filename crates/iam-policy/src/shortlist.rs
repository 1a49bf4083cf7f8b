//! What decides about one action, found once: of a caller's policies, the statements that name it.
//!
//! A caller asks for the same few actions again and again, and most statements of its policies are about others. Where no
//! resource has a say, these alone tell whether policies allow it. Why they do not, only [`decide`](crate::decide) tells.

use std::sync::Arc;

use crate::policies::{Asked, Attached, Policies, Request};
use crate::principal::Principal;
use crate::statement::{Effect, Statement};

/// Of one caller and one action.
#[derive(Debug)]
pub struct Shortlist {
    /// Of whatever policy: one that applies is the end.
    denying: Box<[Arc<Statement>]>,
    identity: Box<[Arc<Statement>]>,
    /// `None` where there is no such limit.
    boundary: Option<Box<[Arc<Statement>]>>,
    session: Option<Box<[Arc<Statement>]>>,
}

impl Shortlist {
    /// The policies of a resource are passed over.
    pub fn of(policies: &Policies<'_>, action: &str) -> Self {
        let (service, name) = Asked::parts(action);
        let with = |effect: Effect, policies: &[Attached<'_>]| -> Box<[Arc<Statement>]> {
            let about = policies.iter().flat_map(|policy| policy.document.about(service));
            let named = about.map(|(_, statement)| statement).filter(|statement| {
                statement.effect == effect && statement.names_action(service, name)
            });
            named.cloned().collect()
        };
        let (boundary, session) = (policies.boundary.as_slice(), policies.session);
        let all = [policies.identity, boundary, session.unwrap_or_default()];
        Shortlist {
            denying: all.iter().flat_map(|policies| with(Effect::Deny, policies)).collect(),
            identity: with(Effect::Allow, policies.identity),
            boundary: policies.boundary.map(|_| with(Effect::Allow, boundary)),
            session: session.map(|session| with(Effect::Allow, session)),
        }
    }

    /// Whether they allow this, of the action that they were found for, on something of the principal's own account
    /// that has no policy.
    pub fn allows(&self, request: &Request<'_>) -> bool {
        let asked = Asked::of(request, self.boundary.is_some());
        let any = |statements: &[Arc<Statement>]| {
            statements.iter().any(|statement| statement.applies_to_action(&asked).is_some())
        };
        let is_root = matches!(request.principal, Principal::Root { .. });
        !any(&self.denying)
            && (is_root || any(&self.identity))
            && self.boundary.as_deref().is_none_or(any)
            && self.session.as_deref().is_none_or(any)
    }
}
