//! What an authenticated sender may do: the question, and the answer of who does not ask.

use berth_aws_api::ServiceSchema;
use berth_model::Timestamp;
use http::HeaderMap;
use tokio_util::sync::CancellationToken;

use super::access::{Beforehand, Wants};
use super::call::Call;

/// Decides whether a call may go on.
///
/// It is asked after decoding, since a policy is about resources and those are named in the input, and
/// before validation, so that nobody learns about limits by asking for what they may not do. It answers from memory.
pub trait Authorizer: Send + Sync + 'static {
    fn authorise(&self, call: &Call, question: &Question<'_>) -> Result<(), Denied>;

    /// Takes in hand what was opened in somebody's name and stays open. Cancelled when they may have it no longer.
    /// `None`: they always may, or others see to it.
    fn keep(&self, _held: Held) -> Option<CancellationToken> {
        None
    }
}

/// Something open, and the question that was asked about it.
pub struct Held {
    /// Who opened it, and when.
    pub call: Call,
    pub(super) judge: Box<Judge>,
}

pub(super) type Judge = dyn Fn(&Call) -> Result<(), Denied> + Send + Sync;

impl Held {
    /// What the answer would be at this time.
    pub fn judge(&self, now: Timestamp) -> Result<(), Denied> {
        (self.judge)(&Call { now, ..self.call.clone() })
    }
}

/// What is asked about a call.
pub struct Question<'a> {
    pub service: &'static ServiceSchema,
    /// The operation's name; for a socket or a path of ours, its action.
    pub name: &'static str,
    pub headers: &'a HeaderMap,
    pub(super) wants: &'a WorkOut<'a>,
}

/// Works out everything that has to be allowed, but for what is known beforehand.
pub(super) type WorkOut<'a> = dyn Fn(Option<&Beforehand<'_>>) -> Wants + 'a;

impl Question<'_> {
    /// Everything that has to be allowed, worked out anew each time.
    pub fn wants(&self) -> Wants {
        (self.wants)(None)
    }

    /// The same without what is known to be.
    pub fn wants_but(&self, beforehand: &Beforehand<'_>) -> Wants {
        (self.wants)(Some(beforehand))
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
