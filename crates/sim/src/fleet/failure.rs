//! Why something on the wire did not work.

use berth_agent_protocol::{Exception, ExceptionKind};

/// Why a call brought no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// The server understood, and refuses.
    #[error("{code}: {message}")]
    Refused { code: String, message: String },
    #[error("{0:#}")]
    Unanswered(anyhow::Error),
}

impl CallError {
    pub(super) fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::Unanswered(_) => None,
        }
    }
}

/// Why a web socket is no more, or never was.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    /// Ours or theirs.
    #[error("a normal goodbye")]
    Closed,
    #[error("the host is deregistered")]
    Inactive,
    #[error("{0:#}")]
    Failed(anyhow::Error),
}

impl From<Exception> for End {
    fn from(exception: Exception) -> Self {
        match exception.kind {
            ExceptionKind::InactiveInstance => Self::Inactive,
            _ => Self::Failed(exception.into()),
        }
    }
}
