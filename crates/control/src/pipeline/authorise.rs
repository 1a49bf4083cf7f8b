//! What an authenticated sender may do: the question, and the answer of who does not ask.

use berth_aws_api::ServiceSchema;
use http::HeaderMap;

use super::Call;
use super::access::Wants;

/// Decides whether a call may go on.
///
/// It is asked after decoding, since a policy is about resources and those are named in the input, and
/// before validation, so that nobody learns about limits by asking for what they may not do. It answers from memory.
pub trait Authorizer: Send + Sync + 'static {
    fn authorise(&self, call: &Call, question: &Question<'_>) -> Result<(), Denied>;
}

/// What is asked about a call.
pub struct Question<'a> {
    pub service: &'static ServiceSchema,
    /// The operation's name; for a socket or a path of ours, its action.
    pub name: &'static str,
    pub headers: &'a HeaderMap,
    pub(super) wants: &'a dyn Fn() -> Wants,
}

impl Question<'_> {
    /// Everything that has to be allowed, worked out anew each time.
    pub fn wants(&self) -> Wants {
        (self.wants)()
    }
}

/// Why not, in words for the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Denied(pub String);

/// Whoever is authenticated may do everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllowAll;

impl Authorizer for AllowAll {
    fn authorise(&self, _: &Call, _: &Question<'_>) -> Result<(), Denied> {
        Ok(())
    }
}
