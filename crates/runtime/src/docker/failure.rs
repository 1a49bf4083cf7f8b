//! What Docker answers when it refuses or fails, read for its kind.
//!
//! Status codes tell most of it. Where one covers several kinds, only the message is left to read; the
//! words matched here have been the same from Docker 20.10 to 29.

use bollard::errors::Error;

use crate::{ErrorKind, RuntimeError, Verb};

pub(super) fn translate(verb: Verb, error: Error) -> RuntimeError {
    let (kind, message) = match &error {
        Error::DockerResponseServerError { status_code, message } => {
            // AWS: so Docker's own client begins what an engine refuses, and so ECS shows it.
            (
                kind_of(verb, Some(*status_code), message),
                format!("Error response from daemon: {message}"),
            )
        }
        // A pull and a load fail in the middle of an answer that began with 200.
        Error::DockerStreamError { error } => (kind_of(verb, None, error), error.clone()),
        Error::SocketNotFoundError(socket) => {
            (ErrorKind::Unreachable, format!("no engine answers: there is no socket {socket}"))
        }
        Error::HyperLegacyError { .. }
        | Error::HyperResponseError { .. }
        | Error::IOError { .. } => {
            (ErrorKind::Unreachable, format!("no engine answers: {}", innermost(&error)))
        }
        other => (ErrorKind::Failed, other.to_string()),
    };
    let message = match verb {
        Verb::Pull => advise(message.trim()),
        _ => message.trim().to_owned(),
    };
    RuntimeError::new(verb, kind, message).caused_by(error)
}

/// AWS: the agent says before the engine's message what a user might look at.
fn advise(message: &str) -> String {
    let advice = if message.contains("denied: requested access to the resource is denied") {
        "Check whether the image exists."
    } else if message.contains("request canceled while waiting for connection") {
        "Check your network configuration."
    } else {
        return message.to_owned();
    };
    format!("The task can’t pull the image. {advice} {message}")
}

fn kind_of(verb: Verb, status: Option<u16>, message: &str) -> ErrorKind {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    match verb {
        Verb::Pull if says(&["unauthorized", "denied", "no basic auth credentials"]) => {
            return ErrorKind::Denied;
        }
        Verb::Pull
            if says(&["manifest unknown", "not found", "name unknown", "no matching manifest"]) =>
        {
            return ErrorKind::NotFound;
        }
        Verb::Pull if says(&["invalid reference format"]) => return ErrorKind::Invalid,
        Verb::Start if says(&["port is already allocated", "address already in use"]) => {
            return ErrorKind::PortInUse;
        }
        // The container is on its way out; a moment later it is gone.
        Verb::Remove if says(&["is already in progress"]) => return ErrorKind::Failed,
        _ => {}
    }
    match status {
        Some(400) => ErrorKind::Invalid,
        Some(401 | 403) => ErrorKind::Denied,
        Some(404) => ErrorKind::NotFound,
        Some(409) => ErrorKind::Conflict,
        _ => ErrorKind::Failed,
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(verb: Verb, status_code: u16, message: &str) -> RuntimeError {
        translate(
            verb,
            Error::DockerResponseServerError { status_code, message: message.to_owned() },
        )
    }

    #[test]
    fn a_login_that_is_wanting_is_told_from_an_image_that_is() {
        let denied =
            "pull access denied for web, repository does not exist or may require 'docker login'";
        assert_eq!(refusal(Verb::Pull, 404, denied).kind(), ErrorKind::Denied);
        let unknown = "manifest for web:9 not found: manifest unknown: manifest unknown";
        assert_eq!(refusal(Verb::Pull, 404, unknown).kind(), ErrorKind::NotFound);
        let down = "Get \"https://registry.example/v2/\": dial tcp: connection refused";
        let down = refusal(Verb::Pull, 500, down);
        assert_eq!(down.kind(), ErrorKind::Failed);
        assert!(down.is_transient());
    }

    #[test]
    fn a_start_can_fail_for_good_or_for_a_port() {
        let taken = "driver failed programming external connectivity on endpoint c: Bind for 0.0.0.0:80 failed: \
                     port is already allocated";
        let error = refusal(Verb::Start, 500, taken);
        assert_eq!(error.kind(), ErrorKind::PortInUse);
        let reason = format!("CannotStartContainerError: Error response from daemon: {taken}");
        assert_eq!(error.reason(), reason);
        let missing = "OCI runtime create failed: exec: \"nope\": executable file not found in $PATH: unknown";
        assert_eq!(refusal(Verb::Start, 400, missing).kind(), ErrorKind::Invalid);
    }

    #[test]
    fn a_pull_that_was_denied_comes_with_advice() {
        let denied = "pull access denied for web, repository does not exist or may require 'docker login': denied: \
                      requested access to the resource is denied";
        let reason = refusal(Verb::Pull, 404, denied).reason();
        let expected = "CannotPullContainerError: The task can’t pull the image. Check whether the image exists. \
                        Error response from daemon: pull access denied for web";
        assert!(reason.starts_with(expected), "{reason}");
        let slow =
            refusal(Verb::Pull, 500, "net/http: request canceled while waiting for connection");
        assert!(
            slow.is_transient() && slow.message().contains("Check your network configuration.")
        );
    }

    #[test]
    fn a_missing_socket_is_an_engine_that_is_down() {
        let error =
            translate(Verb::Info, Error::SocketNotFoundError("/run/docker.sock".to_owned()));
        assert_eq!(error.kind(), ErrorKind::Unreachable);
        assert!(error.message().contains("/run/docker.sock"));
    }
}
