//! Whom the policies of resources name: kept by id, shown by ARN.

use berth_model::Scope;

/// Implemented by identity, for whoever keeps policies of resources.
///
/// AWS: a policy of a resource that names a user or a role of the account keeps its unique id, as a trust policy does:
/// whoever is made anew under the same name has none of its permissions.
pub trait NamedPrincipals: Send + Sync + 'static {
    /// A sound policy as it is kept: with ids in place of ARNs.
    fn bound(&self, scope: &Scope, policy: &str) -> Result<String, NoSuchPrincipal>;

    /// A kept policy as it is shown: with ARNs, and the ids of those who are gone.
    fn written(&self, scope: &Scope, policy: &str) -> String;
}

/// Where nobody knows anybody: policies are kept as they are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct NobodyKnown;

impl NamedPrincipals for NobodyKnown {
    fn bound(&self, _: &Scope, policy: &str) -> Result<String, NoSuchPrincipal> {
        Ok(policy.to_owned())
    }

    fn written(&self, _: &Scope, policy: &str) -> String {
        policy.to_owned()
    }
}

/// The ARN of a user or a role of the account that there is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no principal {0}")]
pub struct NoSuchPrincipal(pub String);
