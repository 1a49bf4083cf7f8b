//! `GET /_berth/tls/authority`: the authority's certificate and its fingerprint, for those who make others trust it.
//!
//! It is no secret, since every handshake shows it; and worth nothing to who asks for it over a wire that may lie.

use async_trait::async_trait;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};
use serde_json::json;

use super::Authority;
use crate::pipeline::{Peer, Route};

/// Answers with JSON: `certificate` in PEM, `fingerprint` in hexadecimal digits.
pub struct AuthorityRoute(Bytes);

impl AuthorityRoute {
    pub const PATH: &str = "/_berth/tls/authority";

    /// Of the authority that has this certificate, in PEM.
    pub fn of(authority: &Authority, certificate: &str) -> Self {
        let digits: String =
            authority.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect();
        let page = json!({ "certificate": certificate, "fingerprint": digits });
        AuthorityRoute(page.to_string().into())
    }
}

#[async_trait]
impl Route for AuthorityRoute {
    async fn answer(&self, _: &Request<Bytes>, _: Peer) -> Response<Bytes> {
        let mut response = Response::new(self.0.clone());
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        response
    }
}
