//! What an agent may do, until policies say it: what an agent does, and nothing else.

use std::collections::BTreeSet;

use berth_control::pipeline::{Authorizer, Call, Denied, PrincipalKind, Question};

/// Lets agents call a few operations, and everybody else all of them. Whose records an agent may name is the
/// business of those operations: it takes their service's tables to know.
#[derive(Clone, Debug, Default)]
pub struct AgentAuthorizer {
    /// By the service's signing name.
    allowed: BTreeSet<(&'static str, &'static str)>,
}

impl AgentAuthorizer {
    pub fn new() -> Self {
        Self::default()
    }

    /// These operations of the service that signs with this name.
    pub fn allow(mut self, service: &'static str, operations: &[&'static str]) -> Self {
        self.allowed.extend(operations.iter().map(|operation| (service, *operation)));
        self
    }
}

impl Authorizer for AgentAuthorizer {
    fn authorise(&self, call: &Call, question: &Question<'_>) -> Result<(), Denied> {
        match call.principal.kind {
            PrincipalKind::Administrator | PrincipalKind::Anonymous => return Ok(()),
            PrincipalKind::Agent { .. } => {}
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
}
