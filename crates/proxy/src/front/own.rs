//! Answers of the balancer's own.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION, SERVER};
use http::{HeaderValue, Response, StatusCode};

use super::answer::Content;
use super::plan::Fixed;

/// AWS: what an application balancer calls itself.
pub(super) const NAME: HeaderValue = HeaderValue::from_static("awselb/2.0");

/// Statuses that no standard has.
pub(super) mod status {
    use http::StatusCode;

    const fn status(code: u16) -> StatusCode {
        match StatusCode::from_u16(code) {
            Ok(status) => status,
            Err(_) => panic!("a status has three digits"),
        }
    }

    /// The client was gone before it was answered.
    pub(crate) const CLIENT_GONE: StatusCode = status(460);
    /// `X-Forwarded-For` has too many addresses.
    pub(crate) const TOO_MANY_ADDRESSES: StatusCode = status(463);
    /// The target group speaks another version of HTTP.
    pub(crate) const WRONG_VERSION: StatusCode = status(464);
}

/// Why a request is not forwarded, or what is answered in place of a target.
pub(super) struct Own {
    pub(super) status: StatusCode,
    content_type: HeaderValue,
    location: Option<HeaderValue>,
    body: Bytes,
}

impl Own {
    /// A page that says the status and no more.
    pub(super) fn page(status: StatusCode) -> Own {
        let reason = match status.as_u16() {
            503 => "Service Temporarily Unavailable",
            504 => "Gateway Time-out",
            561 => "Authentication Error",
            _ => status.canonical_reason().unwrap_or_default(),
        };
        let title = format!("{} {reason}", status.as_u16());
        let title = title.trim_end();
        let body = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
        );
        Own {
            status,
            content_type: HeaderValue::from_static("text/html"),
            location: None,
            body: Bytes::from(body),
        }
    }

    pub(super) fn redirect(status: StatusCode, location: HeaderValue) -> Own {
        Own { location: Some(location), ..Own::page(status) }
    }

    pub(super) fn fixed(fixed: &Fixed) -> Own {
        Own {
            status: fixed.status,
            content_type: fixed.content_type.clone(),
            location: None,
            body: fixed.body.clone(),
        }
    }

    /// Where a client is sent.
    pub(super) fn location(&self) -> Option<&str> {
        self.location.as_ref().and_then(|location| location.to_str().ok())
    }

    pub(super) fn response(self, shows_server: bool) -> Response<Content> {
        let mut response = Response::new(Content::own(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if shows_server {
            headers.insert(SERVER, NAME);
        }
        headers.insert(CONTENT_TYPE, self.content_type);
        if let Some(location) = self.location {
            headers.insert(LOCATION, location);
        }
        response
    }
}

impl From<StatusCode> for Own {
    fn from(status: StatusCode) -> Own {
        Own::page(status)
    }
}
