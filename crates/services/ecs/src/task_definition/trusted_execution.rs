//! Trusted execution: tasks in sandboxes of their own, which Managed Instances have.

use berth_aws_api::ecs as api;

use super::{Verdict, refuse_unless, requires};

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    let Some(configuration) = &definition.trusted_execution_configuration else { return Ok(()) };
    let only_managed = requires(definition, &api::Compatibility::ManagedInstances)
        && definition.requires_compatibilities.as_ref().is_some_and(|all| all.len() == 1);
    refuse_unless(only_managed, || {
        "trustedExecutionConfiguration is only supported when requiresCompatibilities is MANAGED_INSTANCES.".to_owned()
    })?;
    let confidential =
        configuration.isolation_mode == Some(api::IsolationMode::ConfidentialSandbox);
    let has_policy =
        configuration.attestation_policy.as_deref().is_some_and(|policy| !policy.is_empty());
    refuse_unless(!confidential || has_policy, || {
        "trustedExecutionConfiguration.attestationPolicy is required when isolationMode is CONFIDENTIAL_SANDBOX.".to_owned()
    })
}
