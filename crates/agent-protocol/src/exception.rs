//! The typed errors of both sockets.
//!
//! An error has two forms: within a session it is a frame like any other; where the server refuses
//! the upgrade to a web socket it is the bare body `{"InactiveInstanceException": "why"}`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::FrameError;

/// An error that one end tells the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct Exception {
    #[serde(skip)]
    pub kind: ExceptionKind,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExceptionKind {
    Server,
    BadRequest,
    InvalidCluster,
    InvalidInstance,
    AccessDenied,
    /// The container instance is deregistered. The agent waits an hour, and does not register again.
    InactiveInstance,
    /// TCS only.
    ResourceValidation,
    /// TCS only.
    InvalidParameter,
}

impl ExceptionKind {
    pub const ALL: [Self; 8] = [
        Self::Server,
        Self::BadRequest,
        Self::InvalidCluster,
        Self::InvalidInstance,
        Self::AccessDenied,
        Self::InactiveInstance,
        Self::ResourceValidation,
        Self::InvalidParameter,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "ServerException",
            Self::BadRequest => "BadRequestException",
            Self::InvalidCluster => "InvalidClusterException",
            Self::InvalidInstance => "InvalidInstanceException",
            Self::AccessDenied => "AccessDeniedException",
            Self::InactiveInstance => "InactiveInstanceException",
            Self::ResourceValidation => "ResourceValidationException",
            Self::InvalidParameter => "InvalidParameterException",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for ExceptionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Exception {
    pub fn new(kind: ExceptionKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// The body of a refused upgrade.
    pub fn encode_bare(&self) -> String {
        serde_json::to_string(&BTreeMap::from([(self.kind.as_str(), &self.message)]))
            .expect("a map of strings is always writable")
    }

    /// Reads the body of a refused upgrade; `None` if it is something else.
    pub fn from_bare(text: &str) -> Option<Self> {
        let members: BTreeMap<String, String> = serde_json::from_str(text).ok()?;
        let (kind, message) = members.into_iter().next()?;
        Some(Self { kind: ExceptionKind::parse(&kind)?, message })
    }

    pub(crate) fn from_message(kind: &str, body: &str) -> Result<Option<Self>, FrameError> {
        #[derive(Deserialize)]
        struct Body {
            #[serde(default)]
            message: String,
        }
        let Some(kind) = ExceptionKind::parse(kind) else { return Ok(None) };
        let Body { message } = crate::frame::read(kind.as_str(), body)?;
        Ok(Some(Self { kind, message }))
    }
}
