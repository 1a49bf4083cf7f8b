//! What is sent back: a text, or a page that says what is wrong.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderName, SERVER};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;

/// AWS: asked for with a token, or for one, everything says how long that is good.
pub(super) const TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: String,
    allow: Option<&'static str>,
    /// Whole seconds.
    ttl: Option<u64>,
}

impl Answer {
    pub(super) fn text(body: String) -> Self {
        Self { status: StatusCode::OK, body, allow: None, ttl: None }
    }

    /// AWS: errors are pages for browsers.
    pub(super) fn error(status: StatusCode) -> Self {
        let reason = status.canonical_reason().unwrap_or_default();
        let title = format!("{} - {reason}", status.as_u16());
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" \
             xml:lang=\"en\" lang=\"en\">\n <head>\n  <title>{title}</title>\n </head>\n <body>\n  \
             <h1>{title}</h1>\n </body>\n</html>\n"
        );
        Self { status, body, allow: None, ttl: None }
    }

    pub(super) fn wrong_method(allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Self::error(StatusCode::METHOD_NOT_ALLOWED) }
    }

    pub(super) fn good_for(self, ttl: Duration) -> Self {
        Self { ttl: Some(ttl.as_secs()), ..self }
    }

    pub(super) fn into_response(self) -> Response<Full<Bytes>> {
        let content_type =
            if self.status.is_success() { "text/plain" } else { "text/html; charset=utf-8" };
        let mut response = Response::new(Full::new(Bytes::from(self.body)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        // AWS: by this name programs know where they are.
        headers.insert(SERVER, HeaderValue::from_static("EC2ws"));
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        if let Some(ttl) = self.ttl {
            headers.insert(TTL, ttl.into());
        }
        response
    }
}
