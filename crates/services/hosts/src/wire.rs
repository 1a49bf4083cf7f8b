//! The form of the two calls that hosts make: JSON both ways, a refusal with a code and a message.

use berth_agent_protocol::hosts::{HostRefusal, HostRefusalCode};
use berth_control::cell::WriteError;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub fn read<T: DeserializeOwned>(request: &Request<Bytes>) -> Result<T, HostRefusal> {
    serde_json::from_slice(request.body()).map_err(|error| {
        refused(
            HostRefusalCode::BadRequest,
            format!("The body is not what this call takes: {error}."),
        )
    })
}

pub fn answer<T: Serialize>(outcome: Result<T, HostRefusal>) -> Response<Bytes> {
    let (status, body) = match &outcome {
        Ok(answer) => (StatusCode::OK, serde_json::to_vec(answer)),
        Err(refusal) => (status(refusal.code), serde_json::to_vec(refusal)),
    };
    let mut response = Response::new(body.expect("its maps have string keys").into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub fn refused(code: HostRefusalCode, message: impl Into<String>) -> HostRefusal {
    HostRefusal { code, message: message.into() }
}

/// A transaction that refused, or could not be made.
pub fn not_written(error: WriteError<HostRefusal>) -> HostRefusal {
    match error {
        WriteError::Aborted(refusal) => refusal,
        WriteError::Panicked(panic) => {
            tracing::error!(panic, "a host's transaction panicked");
            unavailable()
        }
        WriteError::Cell(cause) => {
            tracing::warn!(%cause, "a host's request could not be made durable");
            unavailable()
        }
    }
}

fn unavailable() -> HostRefusal {
    refused(
        HostRefusalCode::Unavailable,
        "The control plane cannot do this right now. Try again in a moment.",
    )
}

fn status(code: HostRefusalCode) -> StatusCode {
    match code {
        HostRefusalCode::BadRequest => StatusCode::BAD_REQUEST,
        HostRefusalCode::InvalidActivation | HostRefusalCode::InvalidSignature => {
            StatusCode::FORBIDDEN
        }
        HostRefusalCode::UnknownHost => StatusCode::NOT_FOUND,
        HostRefusalCode::StaleRequest => StatusCode::CONFLICT,
        HostRefusalCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}
