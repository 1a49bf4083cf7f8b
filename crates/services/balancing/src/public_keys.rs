//! `GET /_berth/balancing/public-keys/ID`: the key that a balancer's `x-amzn-oidc-data` is verified with.
//!
//! AWS: `https://public-keys.auth.elb.REGION.amazonaws.com/ID` answers with PEM, whoever asks.

use std::sync::Arc;

use async_trait::async_trait;
use berth_control::pipeline::{Peer, Route};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};

use crate::service::Balancing;
use crate::tables::AuthenticationKeys;

/// All below it is keys' names.
pub const PUBLIC_KEYS_PATH: &str = "/_berth/balancing/public-keys/";

pub struct PublicKeys(Arc<Balancing>);

impl PublicKeys {
    pub fn of(balancing: &Arc<Balancing>) -> Self {
        Self(balancing.clone())
    }

    fn find(&self, path: &str) -> Option<String> {
        let name = path.strip_prefix(PUBLIC_KEYS_PATH)?.to_owned();
        let view = self.0.cell.snapshot();
        let table = view.table::<AuthenticationKeys>();
        let balancer = table.indexes().by_name.first(&name)?;
        table.get(balancer).map(|keys| keys.public_key.clone())
    }
}

#[async_trait]
impl Route for PublicKeys {
    async fn answer(&self, request: &Request<Bytes>, _: Peer) -> Response<Bytes> {
        let (status, body) = match self.find(request.uri().path()) {
            Some(key) => (StatusCode::OK, key),
            None => (StatusCode::NOT_FOUND, "There is no such key.\n".to_owned()),
        };
        let mut response = Response::new(body.into());
        *response.status_mut() = status;
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, text);
        response
    }
}
