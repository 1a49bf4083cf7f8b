//! What a request is told that did not prove who sent it.

use berth_aws_protocol::sigv4::SignatureError;
use berth_aws_protocol::{CommonError, ErrorHead, Protocol};
use http::StatusCode;

use super::authenticate::AuthenticationError;
use super::throttle::rate_exceeded;
use super::websocket::SocketRefusal;

/// Why nobody is believed to have sent it.
pub(super) enum Stranger {
    Refused(SignatureError),
    /// As many came from there as anybody wants to hear of.
    TooMany,
    /// Our fault.
    Unknown(anyhow::Error),
}

impl Stranger {
    /// Code and words, and what only the log is told.
    pub fn head(self, protocol: Protocol) -> (ErrorHead, Option<anyhow::Error>) {
        match self {
            Stranger::Refused(error) => (error.head(protocol), None),
            Stranger::TooMany => (rate_exceeded().head(protocol), None),
            Stranger::Unknown(cause) => (keys_unavailable().head(protocol), Some(cause)),
        }
    }

    pub fn socket_refusal(self) -> (SocketRefusal, Option<anyhow::Error>) {
        let status = match self {
            Stranger::Refused(_) => StatusCode::FORBIDDEN,
            Stranger::TooMany => StatusCode::BAD_REQUEST,
            Stranger::Unknown(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        let (head, cause) = self.head(Protocol::AwsJson11);
        (SocketRefusal::new(status, head.code, head.message), cause)
    }
}

impl From<AuthenticationError> for Stranger {
    fn from(error: AuthenticationError) -> Self {
        match error {
            AuthenticationError::Refused(error) => Stranger::Refused(error),
            AuthenticationError::Broken(cause) => Stranger::Unknown(cause),
        }
    }
}

fn keys_unavailable() -> CommonError {
    CommonError::Unavailable(
        "Credentials cannot be looked up right now. Try again in a moment.".to_owned(),
    )
}
