//! Why an operation did not do what it was asked: what the client is told, apart from why it came to that.

use std::fmt;

use berth_aws_api::ServiceError;

use super::CommonError;
use crate::cell::{CellError, WriteError};

/// Why an operation failed.
///
/// Operations reach it by `?` from their service's error and from a transaction that was not committed. The client sees the error; the cause is logged once, by the pipeline.
#[derive(Debug)]
pub enum Failure<E> {
    /// One of the errors that the service's model declares.
    Service { error: E, cause: Option<anyhow::Error> },
    /// One that any operation of any service may answer.
    Common { error: CommonError, cause: Option<anyhow::Error> },
}

/// AWS: all that a client learns of our bugs.
pub(super) const INTERNAL: &str =
    "The request processing has failed because of an unknown error, exception or failure.";

impl<E> Failure<E> {
    /// An error that no model declares.
    pub fn common(error: CommonError) -> Self {
        Failure::Common { error, cause: None }
    }

    /// Our fault, or that of something we rely on. The cause is for the log alone.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Failure::Common {
            error: CommonError::Internal(INTERNAL.to_owned()),
            cause: Some(cause.into()),
        }
    }

    /// Not now: the same request may succeed a little later, here or elsewhere.
    pub fn unavailable(message: impl Into<String>, cause: impl Into<anyhow::Error>) -> Self {
        Failure::Common {
            error: CommonError::Unavailable(message.into()),
            cause: Some(cause.into()),
        }
    }

    /// Adds what led to this, for the log. The client is not told.
    pub fn because(mut self, reason: impl Into<anyhow::Error>) -> Self {
        let (Failure::Service { cause, .. } | Failure::Common { cause, .. }) = &mut self;
        *cause = Some(reason.into());
        self
    }

    pub fn cause(&self) -> Option<&anyhow::Error> {
        let (Failure::Service { cause, .. } | Failure::Common { cause, .. }) = self;
        cause.as_ref()
    }
}

impl<E: ServiceError> From<E> for Failure<E> {
    fn from(error: E) -> Self {
        Failure::Service { error, cause: None }
    }
}

/// For transactions that fail with the service's own errors.
impl<E: ServiceError> From<WriteError<E>> for Failure<E> {
    fn from(error: WriteError<E>) -> Self {
        match error {
            WriteError::Aborted(error) => error.into(),
            WriteError::Panicked(panic) => panicked(&panic),
            WriteError::Cell(reason) => not_committed(reason),
        }
    }
}

/// For transactions that may fail in every way that an operation can.
impl<E: ServiceError> From<WriteError<Failure<E>>> for Failure<E> {
    fn from(error: WriteError<Failure<E>>) -> Self {
        match error {
            WriteError::Aborted(failure) => failure,
            WriteError::Panicked(panic) => panicked(&panic),
            WriteError::Cell(reason) => not_committed(reason),
        }
    }
}

fn panicked<E>(panic: &str) -> Failure<E> {
    Failure::internal(anyhow::anyhow!("a transaction panicked: {panic}"))
}

/// Whoever asks again finds the truth, whichever way a commit in doubt went, so this is the server's passing
/// trouble: clients retry, and by then a new cell or another server answers.
fn not_committed<E>(reason: CellError) -> Failure<E> {
    Failure::unavailable(
        "The control plane is restarting or another server takes over. Try again in a moment.",
        reason,
    )
}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Service { error, .. } => error.fmt(f),
            Failure::Common { error, .. } => error.fmt(f),
        }
    }
}
