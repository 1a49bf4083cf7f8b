//! Web sockets as services see them: two channels of text and a word about how it ended.
//!
//! A route decides about an opening *before* the upgrade, so that a refusal is an ordinary HTTP answer;
//! the [`Session`] that it returns is run once the socket stands. Frames, pings and limits are the
//! server's; the simulator joins two [`Socket`] ends without any of them.

mod opening;
mod socket;

use std::pin::Pin;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::failure::INTERNAL;
use super::{CommonError, Denied};
pub use opening::Opening;
pub use socket::{Close, Ended, Incoming, Socket, Wire};

/// What a service does with a socket that it agreed to open.
pub struct Session {
    run: Box<dyn FnOnce(Socket) -> Running + Send>,
    revocation: Option<CancellationToken>,
    /// Cancels it when the session is over, for whoever keeps an eye on it.
    over: Option<DropGuard>,
}

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Why a socket was not opened.
///
/// AWS: the agent's endpoints answer a bare `{"InactiveInstanceException":"…"}`, unlike any API operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketRefusal {
    pub status: StatusCode,
    /// The exception's name, such as `InactiveInstanceException`.
    pub exception: String,
    pub message: String,
}

impl Session {
    pub fn new<F, R>(run: F) -> Self
    where
        F: FnOnce(Socket) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        Session { run: Box::new(move |socket| Box::pin(run(socket))), revocation: None, over: None }
    }

    /// Ends the session as if the client had left when this is cancelled.
    pub fn until(self, revocation: Option<CancellationToken>) -> Self {
        Session { revocation, ..self }
    }

    /// The same with what is this session's alone; it is cancelled as well when the session is over.
    pub(super) fn held(self, revocation: CancellationToken) -> Self {
        let over = Some(revocation.clone().drop_guard());
        Session { revocation: Some(revocation), over, ..self }
    }

    /// Runs until the service has done with the socket. It notices by itself when the other side is gone.
    pub async fn run(self, mut socket: Socket) {
        if let Some(revocation) = self.revocation {
            socket.incoming.end_at(revocation);
        }
        let _over = self.over;
        (self.run)(socket).await;
    }
}

impl SocketRefusal {
    pub fn new(
        status: StatusCode,
        exception: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        SocketRefusal { status, exception: exception.into(), message: message.into() }
    }

    /// AWS: the agent's form of an AccessDeniedException.
    pub(super) fn denied(denied: Denied) -> Self {
        Self::new(StatusCode::FORBIDDEN, "AccessDeniedException", denied.0)
    }

    pub(super) fn throttled(error: &CommonError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ThrottlingException", error.to_string())
    }

    /// Agents are connected to the leader, and ask again where it is.
    pub(super) fn not_leading() -> Self {
        let message = "This server does not lead. DiscoverPollEndpoint tells which one does.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "ServerException", message)
    }

    /// Our bug. Says nothing about what happened inside.
    pub(super) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "ServerException", INTERNAL)
    }

    pub(super) fn render(&self) -> Response<Bytes> {
        let mut body = serde_json::Map::new();
        body.insert(self.exception.clone(), self.message.clone().into());
        let mut response = Response::new(serde_json::Value::Object(body).to_string().into());
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_bare_member() {
        let refusal = SocketRefusal::new(
            StatusCode::BAD_REQUEST,
            "InactiveInstanceException",
            "It's \"gone\"",
        );
        let response = refusal.render();
        assert_eq!(response.status(), 400);
        assert_eq!(response.body(), r#"{"InactiveInstanceException":"It's \"gone\""}"#);
    }
}
