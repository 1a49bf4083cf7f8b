//! Where the two web sockets are: asked once, remembered for twelve hours, asked again after a failure.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use crate::control_plane::CallError;
use crate::host::Host;

const FRESH: Duration = Duration::from_secs(12 * 60 * 60);

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PollEndpoints {
    pub(crate) endpoint: String,
    pub(crate) telemetry_endpoint: String,
}

struct Known {
    endpoints: Arc<PollEndpoints>,
    fresh_until: Instant,
}

#[derive(Default)]
pub(crate) struct Endpoints {
    known: Mutex<Option<Known>>,
    /// Both sessions want to know at the same moment; one question answers both.
    asking: tokio::sync::Mutex<()>,
}

impl Endpoints {
    pub(crate) async fn discover(
        &self,
        host: &Host,
        container_instance: &str,
    ) -> Result<Arc<PollEndpoints>, CallError> {
        let _turn = self.asking.lock().await;
        if let Some(fresh) = self.known(|known| Instant::now() < known.fresh_until) {
            return Ok(fresh);
        }
        let input = json!({
            "cluster": host.options.cluster,
            "containerInstance": container_instance,
            "zoneId": host.options.availability_zone.as_deref().unwrap_or_default(),
        });
        let answer = host.control_plane.call("DiscoverPollEndpoint", input).await;
        let parsed = answer.and_then(|answer| {
            serde_json::from_value::<PollEndpoints>(answer).map_err(|cause| {
                CallError::Unreachable(
                    anyhow::Error::from(cause).context("the answer to DiscoverPollEndpoint"),
                )
            })
        });
        match (parsed, self.known(|_| true)) {
            (Ok(endpoints), _) => {
                let endpoints = Arc::new(endpoints);
                let fresh_until = Instant::now() + FRESH;
                *self.lock() = Some(Known { endpoints: endpoints.clone(), fresh_until });
                Ok(endpoints)
            }
            // An old address is better than none.
            (Err(cause), Some(stale)) => {
                tracing::warn!(%cause, "using the endpoints that were known before");
                Ok(stale)
            }
            (Err(cause), None) => Err(cause),
        }
    }

    /// The endpoint did not answer: ask again next time.
    pub(crate) fn doubt(&self) {
        if let Some(known) = self.lock().as_mut() {
            known.fresh_until = Instant::now();
        }
    }

    fn known(&self, is_wanted: impl FnOnce(&Known) -> bool) -> Option<Arc<PollEndpoints>> {
        self.lock().as_ref().filter(|known| is_wanted(known)).map(|known| known.endpoints.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
