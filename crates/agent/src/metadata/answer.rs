//! What is sent back: a status and a JSON document.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
    /// What could have been asked instead, if the method was wrong.
    allow: Option<&'static str>,
}

impl Answer {
    pub(super) fn ok(document: &impl Serialize) -> Self {
        Self::with(StatusCode::OK, document)
    }

    pub(super) fn with(status: StatusCode, document: &impl Serialize) -> Self {
        let body = serde_json::to_vec(document).expect("its maps have string keys");
        Self { status, body, allow: None }
    }

    /// AWS: errors of metadata are a JSON text.
    pub(super) fn error(status: StatusCode, message: &str) -> Self {
        Self::with(status, &message)
    }

    pub(super) fn wrong_method(allow: &'static str) -> Self {
        let answer = Self::error(StatusCode::METHOD_NOT_ALLOWED, &format!("{allow} only"));
        Self { allow: Some(allow), ..answer }
    }

    pub(super) fn too_many() -> Self {
        let message = "You have reached the maximum of 40 requests a second, 60 at once.";
        Self::error(StatusCode::TOO_MANY_REQUESTS, message)
    }

    pub(super) fn into_response(self) -> Response<http_body_util::Full<Bytes>> {
        let mut response = Response::new(http_body_util::Full::new(Bytes::from(self.body)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        response
    }
}
