//! Whether this control plane can serve, as `GET /health` tells it.

use std::sync::Arc;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::json;

use crate::cell::Cell;
use crate::pipeline::{Peer, Route};

/// What the control plane last said of itself. Cheap to clone; all clones say the same.
#[derive(Clone)]
pub struct Health(Arc<Inner>);

struct Inner {
    version: &'static str,
    auth: &'static str,
    condition: ArcSwap<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Not leading yet, or loading.
    Starting,
    Ready,
    /// Takes no new requests and finishes those it has.
    Stopping,
    /// Serves nothing any more, for this reason.
    Failed(String),
}

impl Health {
    /// `auth` is how requests are authenticated, in the words of the command line.
    pub fn starting(version: &'static str, auth: &'static str) -> Self {
        Health(Arc::new(Inner {
            version,
            auth,
            condition: ArcSwap::from_pointee(Condition::Starting),
        }))
    }

    pub fn set(&self, condition: Condition) {
        self.0.condition.store(Arc::new(condition));
    }

    pub fn condition(&self) -> Condition {
        (**self.0.condition.load()).clone()
    }

    /// Ready while the cell lives, failed with its reason when it ends. Returns then.
    pub async fn follow(&self, cell: &Cell) {
        self.set(Condition::Ready);
        let reason = cell.failed().await;
        self.set(Condition::Failed(reason.to_string()));
    }

    fn render(&self) -> (StatusCode, Bytes) {
        let condition = self.0.condition.load();
        let (status, word, reason) = match &**condition {
            Condition::Ready => (StatusCode::OK, "ok", None),
            Condition::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting", None),
            Condition::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "stopping", None),
            Condition::Failed(reason) => (StatusCode::SERVICE_UNAVAILABLE, "failed", Some(reason)),
        };
        let mut body = json!({ "status": word, "version": self.0.version, "auth": self.0.auth });
        if let Some(reason) = reason {
            body["reason"] = reason.as_str().into();
        }
        (status, body.to_string().into())
    }
}

/// `GET /health`.
#[async_trait]
impl Route for Health {
    async fn answer(&self, _: &Request<Bytes>, _: Peer) -> Response<Bytes> {
        let (status, body) = self.render();
        let mut response = Response::new(body);
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

#[cfg(test)]
mod tests {
    use berth_store::MemoryStore;
    use futures_util::FutureExt;

    use super::*;
    use crate::tables::Schema;

    #[test]
    fn only_a_ready_control_plane_is_well() {
        let health = Health::starting("1.2.3", "enforce");
        assert_eq!(health.render().0, 503);
        health.clone().set(Condition::Ready);
        let (status, body) = health.render();
        assert_eq!(status, 200);
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body, json!({ "status": "ok", "version": "1.2.3", "auth": "enforce" }));
        health.set(Condition::Failed("another server leads now".into()));
        let (status, body) = health.render();
        assert_eq!(status, 503);
        assert!(body.as_ref().windows(24).any(|part| part == b"another server leads now"));
        health.set(Condition::Stopping);
        assert_eq!(health.render().0, 503);
    }

    #[tokio::test]
    async fn health_follows_the_cell_to_its_end() {
        let cell = Cell::open(Arc::new(MemoryStore::new()), Schema::new()).await.unwrap();
        let health = Health::starting("1.2.3", "enforce");
        let following = health.follow(&cell);
        tokio::pin!(following);
        assert!(following.as_mut().now_or_never().is_none());
        assert_eq!(health.condition(), Condition::Ready);
        cell.close().await.unwrap();
        following.await;
        assert_eq!(health.condition(), Condition::Failed("the cell was closed".to_owned()));
    }
}
