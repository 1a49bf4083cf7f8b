//! What an authenticated sender may do: the question, and the only answer there is so far.

use async_trait::async_trait;
use berth_aws_api::{OperationSchema, ServiceSchema, Structure};

use super::Call;

/// Decides whether a call may go on. The seam for IAM: users, roles and policies are asked here.
///
/// It is asked after decoding, since a policy is about resources and those are named in the input, and
/// before validation, so that nobody learns about limits by asking for what they may not do.
#[async_trait]
pub trait Authorizer: Send + Sync + 'static {
    async fn authorise(
        &self,
        call: &Call,
        operation: &'static OperationSchema,
        input: &dyn Structure,
    ) -> Result<(), Denied>;

    /// The same about a path of ours that no model has: `action` is what policies call it.
    async fn authorise_route(
        &self,
        call: &Call,
        service: &'static ServiceSchema,
        action: &'static str,
    ) -> Result<(), Denied>;
}

/// Why not, in words for the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Denied(pub String);

/// Whoever is authenticated may do everything: the only keys are the administrator's and agents'.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllowAll;

#[async_trait]
impl Authorizer for AllowAll {
    async fn authorise(
        &self,
        _: &Call,
        _: &'static OperationSchema,
        _: &dyn Structure,
    ) -> Result<(), Denied> {
        Ok(())
    }

    async fn authorise_route(
        &self,
        _: &Call,
        _: &'static ServiceSchema,
        _: &'static str,
    ) -> Result<(), Denied> {
        Ok(())
    }
}
