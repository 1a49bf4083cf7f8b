//! What targets speak, and what a request has to be for them.

use berth_proxy_protocol::{GroupProtocol, HttpVersion};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Method, Request, StatusCode, Uri, Version, header};

use super::headers;
use super::own::{Own, status};
use crate::group::Group;

/// What a group's targets speak.
#[derive(Clone, Copy)]
pub(super) struct Speech {
    pub(super) tls: bool,
    pub(super) version: HttpVersion,
}

impl Speech {
    pub(super) fn of(group: &Group) -> Speech {
        let config = group.config();
        Speech {
            tls: matches!(config.protocol, GroupProtocol::Https | GroupProtocol::Tls),
            version: config.http_version,
        }
    }

    /// AWS: which requests a group of another version is not asked at all.
    pub(super) fn check<B>(self, request: &Request<B>) -> Result<(), Own> {
        let is_grpc = || {
            request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
                kind.as_bytes().starts_with(b"application/grpc")
                    && !kind.as_bytes().starts_with(b"application/grpc-web")
            })
        };
        let fits = match self.version {
            HttpVersion::Http1 => request.version() != Version::HTTP_2 || !is_grpc(),
            HttpVersion::Http2 => request.version() == Version::HTTP_2,
            HttpVersion::Grpc => {
                request.version() == Version::HTTP_2 && request.method() == Method::POST
            }
        };
        if fits { Ok(()) } else { Err(status::WRONG_VERSION.into()) }
    }

    /// Makes of a request what these targets read. Its host is in its header.
    pub(super) fn dress<B>(self, request: &mut Request<B>) -> Result<(), Own> {
        if self.version == HttpVersion::Http1 {
            if request.uri().authority().is_some() {
                let path = request.uri().path_and_query().cloned();
                *request.uri_mut() = path.map_or_else(|| Uri::from_static("/"), Uri::from);
            }
            if request.version() == Version::HTTP_2 {
                headers::join_cookies(request.headers_mut());
            }
            *request.version_mut() = Version::HTTP_11;
            return Ok(());
        }
        let bad = || Own::from(StatusCode::BAD_REQUEST);
        let host = request.headers_mut().remove(header::HOST).ok_or_else(bad)?;
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(if self.tls { Scheme::HTTPS } else { Scheme::HTTP });
        parts.authority = Some(Authority::try_from(host.as_bytes()).map_err(|_| bad())?);
        parts.path_and_query = request
            .uri()
            .path_and_query()
            .cloned()
            .or_else(|| Some(PathAndQuery::from_static("/")));
        *request.uri_mut() = Uri::from_parts(parts).map_err(|_| bad())?;
        *request.version_mut() = Version::HTTP_2;
        Ok(())
    }
}
