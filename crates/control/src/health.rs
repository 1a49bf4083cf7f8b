//! Whether this control plane can serve, as `GET /health` tells it; and, if several servers have its cell, whether it leads.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use async_trait::async_trait;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::cell::{Cell, CellError, Standing};
use crate::pipeline::{Peer, Route};

/// What the control plane last said of itself. Cheap to clone; all clones say the same.
#[derive(Clone)]
pub struct Health(Arc<Inner>);

struct Inner {
    version: &'static str,
    auth: &'static str,
    condition: ArcSwap<Condition>,
    /// One of several that follow one another in this process, each shared with other servers.
    shared: ArcSwapOption<Cell>,
}

/// How long the store may take to say what is newest. Whoever asks after our health does so often.
const STORE_PATIENCE: Duration = Duration::from_secs(1);

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
            shared: ArcSwapOption::empty(),
        }))
    }

    pub fn set(&self, condition: Condition) {
        self.0.condition.store(Arc::new(condition));
    }

    /// Tells of this cell from now on, which other servers have, too.
    pub fn tell_of(&self, cell: Cell) {
        self.0.shared.store(Some(Arc::new(cell)));
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

    async fn render(&self) -> (StatusCode, Bytes) {
        let standing = match self.0.shared.load_full() {
            Some(cell) => Some(standing(&cell).await),
            None => None,
        };
        let condition = self.0.condition.load();
        let (mut status, mut word, mut reason) = match &**condition {
            Condition::Ready => (StatusCode::OK, "ok", None),
            Condition::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting", None),
            Condition::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "stopping", None),
            Condition::Failed(reason) => {
                (StatusCode::SERVICE_UNAVAILABLE, "failed", Some(reason.clone()))
            }
        };
        let mut body = json!({ "version": self.0.version, "auth": self.0.auth });
        if let Some((told, trouble)) = standing {
            body["cell"] = told;
            if let (StatusCode::OK, Some(trouble)) = (status, trouble) {
                (status, word) = (StatusCode::SERVICE_UNAVAILABLE, "cut-off");
                reason = Some(trouble);
            }
        }
        body["status"] = word.into();
        if let Some(reason) = reason {
            body["reason"] = reason.into();
        }
        (status, body.to_string().into())
    }
}

/// Who leads, how far this server is, and why it cannot answer, if so.
async fn standing(cell: &Cell) -> (Value, Option<String>) {
    let asked = tokio::time::timeout(STORE_PATIENCE, cell.head()).await;
    let (applied, leader) = (cell.applied().0, cell.leader().map(|leader| leader.candidate));
    let (head, unsure) = match asked {
        Ok(Some(Ok(head))) => (Some(head.0), None),
        Ok(Some(Err(error))) => (None, Some(error.to_string())),
        Ok(None) => (Some(applied), None),
        Err(_) => (None, Some(format!("the store did not answer within {STORE_PATIENCE:?}"))),
    };
    let (word, trouble) = match cell.standing() {
        Standing::Leading if cell.may_tell() => ("leading", None),
        Standing::Leading => {
            ("leading", Some("the lease of its leadership has run out".to_owned()))
        }
        Standing::Following { .. } => ("following", unsure),
        Standing::Ended(CellError::Closed) => ("ended", None),
        Standing::Ended(reason) => ("ended", Some(reason.to_string())),
    };
    let behind = head.map(|head| head.saturating_sub(applied));
    let told = json!({ "standing": word, "leader": leader, "revision": applied, "behind": behind });
    (told, trouble)
}

/// `GET /health`.
#[async_trait]
impl Route for Health {
    async fn answer(&self, _: &Request<Bytes>, _: Peer) -> Response<Bytes> {
        let (status, body) = self.render().await;
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
    use crate::cell::Options;
    use crate::tables::Schema;

    #[tokio::test]
    async fn only_a_ready_control_plane_is_well() {
        let health = Health::starting("1.2.3", "enforce");
        assert_eq!(health.render().await.0, 503);
        health.clone().set(Condition::Ready);
        let (status, body) = health.render().await;
        assert_eq!(status, 200);
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body, json!({ "status": "ok", "version": "1.2.3", "auth": "enforce" }));
        health.set(Condition::Failed("another server leads now".into()));
        let (status, body) = health.render().await;
        assert_eq!(status, 503);
        assert!(body.as_ref().windows(24).any(|part| part == b"another server leads now"));
        health.set(Condition::Stopping);
        assert_eq!(health.render().await.0, 503);
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

    #[tokio::test(start_paused = true)]
    async fn one_of_several_servers_tells_who_leads_and_how_far_it_is() {
        let store = MemoryStore::new();
        let follow = async |store: MemoryStore, name: &str| {
            let options = Options { candidate: name.to_owned(), ..Options::default() };
            Cell::follow(Arc::new(store), Schema::new(), options).await.unwrap()
        };
        let one = follow(store.clone(), "one").await;
        one.until(|standing| *standing == Standing::Leading).await;
        let two = follow(store.peer(), "two").await;
        let told = async |cell: &Cell| {
            let health = Health::starting("1.2.3", "enforce");
            health.set(Condition::Ready);
            health.tell_of(cell.clone());
            let (status, body) = health.render().await;
            (status.as_u16(), serde_json::from_slice::<Value>(&body).unwrap())
        };
        for (cell, word) in [(&one, "leading"), (&two, "following")] {
            let (status, body) = told(cell).await;
            assert_eq!((status, &body["status"]), (200, &json!("ok")));
            let cell = json!({ "standing": word, "leader": "one", "revision": 0, "behind": 0 });
            assert_eq!(body["cell"], cell);
        }
        store.crash();
        one.failed().await;
        let (status, body) = told(&one).await;
        assert_eq!((status, &body["status"]), (503, &json!("cut-off")), "{body}");
    }
}
