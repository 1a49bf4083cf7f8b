//! What an agent may do: what an agent does, and nothing else.
//!
//! DEVIATES: on AWS an agent acts in its host's role, so the policies of that role say what it may. Here no policy gives an
//! agent more or less; the role is for what else runs on the host (ADR 23).

use std::collections::BTreeSet;

use berth_control::pipeline::{Authorizer, Call, Denied, Held, Question};
use tokio_util::sync::CancellationToken;

/// Lets agents call a few operations, and leaves everybody else to another authorizer. Whose records an agent may name
/// is the business of those operations: it takes their service's tables to know.
pub struct AgentAuthorizer<A> {
    /// By the service's signing name.
    allowed: BTreeSet<(&'static str, &'static str)>,
    others: A,
}

impl<A: Authorizer> AgentAuthorizer<A> {
    pub fn before(others: A) -> Self {
        AgentAuthorizer { allowed: BTreeSet::new(), others }
    }

    /// These operations of the service that signs with this name.
    pub fn allow(mut self, service: &'static str, operations: &[&'static str]) -> Self {
        self.allowed.extend(operations.iter().map(|operation| (service, *operation)));
        self
    }
}

impl<A: Authorizer> Authorizer for AgentAuthorizer<A> {
    fn authorise(&self, call: &Call, question: &Question<'_>) -> Result<(), Denied> {
        if !call.principal.is_agent() {
            return self.others.authorise(call, question);
        }
        let (service, action) = (question.service.signing_name, question.name);
        if self.allowed.contains(&(service, action)) {
            return Ok(());
        }
        // AWS: the resource is named where there is one; for an action that no policy has, `*` says as much.
        let who = call.principal_arn();
        Err(Denied(format!(
            "User: {who} is not authorized to perform: {service}:{action} on resource: * because no \
             identity-based policy allows the {service}:{action} action"
        )))
    }

    /// What hosts hold open ends with their credentials.
    fn keep(&self, held: Held) -> Option<CancellationToken> {
        self.others.keep(held)
    }
}
