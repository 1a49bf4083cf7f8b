//! DiscoverPollEndpoint: asked by every agent, kept once for all that get the same answer.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use serde::Deserialize;
use serde_json::json;

use super::agent::Fleet;
use super::failure::End;

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Endpoints {
    #[serde(rename = "endpoint")]
    pub(super) assignments: String,
    #[serde(rename = "telemetryEndpoint")]
    pub(super) telemetry: String,
}

/// The latest answer that anybody got.
#[derive(Default)]
pub(super) struct Latest(Mutex<Option<Arc<Endpoints>>>);

impl Latest {
    fn share(&self, endpoints: Endpoints) -> Arc<Endpoints> {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*latest {
            Some(known) if **known == endpoints => known.clone(),
            _ => latest.insert(Arc::new(endpoints)).clone(),
        }
    }
}

/// One agent's endpoints: asked for once, and again when they turn out not to work.
///
/// AWS: an agent also asks again after twelve hours, longer than a fleet lives.
#[derive(Default)]
pub(super) struct Known(tokio::sync::Mutex<Option<Arc<Endpoints>>>);

impl Known {
    pub(super) async fn get(&self, fleet: &Fleet, instance: &str) -> Result<Arc<Endpoints>, End> {
        let mut known = self.0.lock().await;
        if let Some(endpoints) = &*known {
            return Ok(endpoints.clone());
        }
        let input = || json!({ "cluster": fleet.options.cluster, "containerInstance": instance });
        let answer = fleet.wire.call("DiscoverPollEndpoint", input).await.map_err(|error| {
            fleet.tally.failed_calls.add();
            End::Failed(error.into())
        })?;
        let endpoints = serde_json::from_value(answer)
            .context("the answer to DiscoverPollEndpoint")
            .map_err(End::Failed)?;
        Ok(known.insert(fleet.endpoints.share(endpoints)).clone())
    }

    pub(super) async fn doubt(&self) {
        *self.0.lock().await = None;
    }
}
