//! What an agent may do, until policies say it: what an agent does, and nothing else.

use std::collections::BTreeSet;

use async_trait::async_trait;
use berth_aws_api::{OperationSchema, ServiceSchema, Structure};
use berth_control::pipeline::{Authorizer, Call, Denied, PrincipalKind};

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

#[async_trait]
impl Authorizer for AgentAuthorizer {
    async fn authorise(
        &self,
        call: &Call,
        operation: &'static OperationSchema,
        _: &dyn Structure,
    ) -> Result<(), Denied> {
        self.judge(call, operation.service, operation.name)
    }

    async fn authorise_route(
        &self,
        call: &Call,
        service: &'static ServiceSchema,
        action: &'static str,
    ) -> Result<(), Denied> {
        self.judge(call, service, action)
    }
}

impl AgentAuthorizer {
    fn judge(
        &self,
        call: &Call,
        service: &'static ServiceSchema,
        action: &'static str,
    ) -> Result<(), Denied> {
        match call.principal.kind {
            PrincipalKind::Administrator | PrincipalKind::Anonymous => return Ok(()),
            PrincipalKind::Agent { .. } => {}
        }
        let service = service.signing_name;
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
