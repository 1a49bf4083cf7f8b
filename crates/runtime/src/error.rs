//! What can go wrong, and how ECS says it.
//!
//! An error is *what was being done* ([`Verb`]) and *why it failed* ([`ErrorKind`]), with the
//! engine's own message. ECS names errors by the first (`CannotPullContainerError`); the agent decides
//! by the second.

use std::fmt;
use std::time::Duration;

/// A call that failed. `Display` is the engine's message; [`reason`](Self::reason) is ECS's form.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct RuntimeError {
    verb: Verb,
    kind: ErrorKind,
    message: String,
    #[source]
    cause: Option<anyhow::Error>,
}

/// What was being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    Info,
    Pull,
    /// Finding the login to a registry.
    RegistryLogin,
    InspectImage,
    LoadImage,
    ListImages,
    RemoveImage,
    Create,
    Start,
    Stop,
    Remove,
    Inspect,
    List,
    Stats,
    CreateVolume,
    RemoveVolume,
    EnsureGroup,
    RemoveGroup,
    ListGroups,
}

/// Why it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The image, container or volume does not exist (for a pull: not in the registry either).
    NotFound,
    /// The name is taken, or the thing is in use.
    Conflict,
    /// A host port is held by somebody else.
    PortInUse,
    /// The registry wants a login, or does not accept this one.
    Denied,
    /// The container asks for something that can never work as it is: a program that the image lacks,
    /// a malformed or unknown parameter.
    Invalid,
    /// The engine or a registry failed at it, and said so. A later attempt may succeed.
    Failed,
    /// No engine answers at the socket.
    Unreachable,
    /// The engine took the call and did not answer within this time.
    Timeout(Duration),
}

impl RuntimeError {
    pub fn new(verb: Verb, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { verb, kind, message: message.into(), cause: None }
    }

    pub fn caused_by(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    pub fn verb(&self) -> Verb {
        self.verb
    }

    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The engine's message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the same call may well succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        match self.kind {
            ErrorKind::Failed | ErrorKind::Unreachable | ErrorKind::Timeout(_) => true,
            ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::PortInUse
            | ErrorKind::Denied
            | ErrorKind::Invalid => false,
        }
    }

    /// The `reason` that ECS shows for it, such as `CannotPullContainerError: …`.
    pub fn reason(&self) -> String {
        match self.kind {
            // AWS: a call that hangs is told by the transition it was to bring about.
            ErrorKind::Timeout(after) => format!(
                "DockerTimeoutError: Could not transition to {}; timed out after waiting {}",
                self.verb.transition(),
                GoDuration(after),
            ),
            _ => format!("{}: {}", self.verb.error_name(), self.message),
        }
    }
}

impl Verb {
    /// The name that ECS's agent gives to a failure of this.
    pub fn error_name(self) -> &'static str {
        match self {
            Self::Info => "CannotDescribeRuntimeError",
            Self::Pull => "CannotPullContainerError",
            Self::RegistryLogin => "CannotPullContainerAuthError",
            Self::InspectImage => "CannotInspectImageError",
            Self::LoadImage => "CannotLoadImageError",
            Self::ListImages => "CannotListImagesError",
            Self::RemoveImage => "CannotRemoveImageError",
            Self::Create => "CannotCreateContainerError",
            Self::Start => "CannotStartContainerError",
            Self::Stop => "CannotStopContainerError",
            Self::Remove => "CannotRemoveContainerError",
            Self::Inspect => "CannotInspectContainerError",
            Self::List => "CannotListContainersError",
            Self::Stats => "CannotReadStatsError",
            Self::CreateVolume => "CannotCreateVolumeError",
            Self::RemoveVolume => "CannotRemoveVolumeError",
            // AWS: whatever a task needs beside its containers fails by this name.
            Self::EnsureGroup => "ResourceInitializationError",
            Self::RemoveGroup => "CannotRemoveGroupError",
            Self::ListGroups => "CannotListGroupsError",
        }
    }

    fn transition(self) -> &'static str {
        match self {
            Self::Pull | Self::RegistryLogin => "pulled",
            Self::LoadImage => "loaded",
            Self::Create => "created",
            Self::Start => "started",
            Self::Stop => "stopped",
            Self::Remove | Self::RemoveImage => "removed",
            Self::Inspect | Self::InspectImage => "inspecting",
            Self::List | Self::ListGroups | Self::ListImages => "listing",
            Self::Info | Self::Stats => "described",
            Self::CreateVolume => "creating volume",
            Self::RemoveVolume => "removing volume",
            Self::EnsureGroup => "creating group",
            Self::RemoveGroup => "removing group",
        }
    }
}

/// AWS: durations in reasons have Go's form, `4m0s`.
struct GoDuration(Duration);

impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
            (0, 0, 0) => write!(f, "{}ms", self.0.as_millis()),
            (0, 0, s) => write!(f, "{s}s"),
            (0, m, s) => write!(f, "{m}m{s}s"),
            (h, m, s) => write!(f, "{h}h{m}m{s}s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_named_after_what_was_being_done() {
        let error = RuntimeError::new(Verb::Pull, ErrorKind::NotFound, "manifest unknown");
        assert_eq!(error.reason(), "CannotPullContainerError: manifest unknown");
        assert!(!error.is_transient());
    }

    #[test]
    fn a_hanging_engine_is_told_by_the_transition() {
        let error = RuntimeError::new(
            Verb::Start,
            ErrorKind::Timeout(Duration::from_secs(180)),
            "no answer",
        );
        assert_eq!(
            error.reason(),
            "DockerTimeoutError: Could not transition to started; timed out after waiting 3m0s"
        );
        assert!(error.is_transient());
    }

    #[test]
    fn durations_have_gos_form() {
        let text = |seconds| GoDuration(Duration::from_secs(seconds)).to_string();
        assert_eq!(text(5), "5s");
        assert_eq!(text(240), "4m0s");
        assert_eq!(text(3_661), "1h1m1s");
        assert_eq!(GoDuration(Duration::from_millis(250)).to_string(), "250ms");
    }
}
