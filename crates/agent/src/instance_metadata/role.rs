//! What the control plane says of this host, and the credentials of its role, renewed before they end.
//!
//! A role that cannot be had (it was deleted, or trusts SSM no more) is asked for again from time to time; what was
//! given before serves to its end, as it does for tasks.

use std::time::Duration;

use berth_agent_protocol::hosts::{ROLE_PATH, RoleAnswer, SELF_PATH, SelfAnswer};
use berth_model::Timestamp;
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::clock::{Clock, SystemClock};
use crate::control_plane::CallError;
use crate::http::{HttpControlPlane, JsonService};
use crate::identity::Patience;

/// How soon a role that was refused is asked for again.
const AFTER_REFUSAL: Duration = Duration::from_secs(60);
/// However short a life the server gives: no sooner than this.
const SOONEST: Duration = Duration::from_millis(100);
/// How long whoever asks first waits for the first answer.
const FIRST_ANSWER: Duration = Duration::from_secs(3);

/// As far as it is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) described: Option<SelfAnswer>,
    held: Option<Held>,
    /// Why the role cannot be had, in the control plane's words.
    refusal: Option<String>,
}

/// Credentials of the role.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) given: RoleAnswer,
    pub(super) updated_at: Timestamp,
    pub(super) expires_at: Timestamp,
    until: Instant,
}

impl Held {
    /// Counted from before they were asked for, by this host's clock: whoever compares has no other.
    pub(super) fn new(given: RoleAnswer, asked: Instant, asked_at: Timestamp) -> Self {
        let life = Duration::from_millis(given.expires_in_ms);
        Self { given, updated_at: asked_at, expires_at: asked_at + life, until: asked + life }
    }

    /// The role's, without its path.
    pub(super) fn name(&self) -> &str {
        self.given.role_arn.rsplit('/').next().unwrap_or_default()
    }
}

impl Known {
    pub(super) fn held(&self) -> Option<&Held> {
        self.held.as_ref().filter(|held| Instant::now() < held.until)
    }

    /// Whether the control plane has said anything about the role.
    fn is_settled(&self) -> bool {
        self.held.is_some() || self.refusal.is_some()
    }

    #[cfg(test)]
    pub(super) fn settled(described: SelfAnswer, held: Option<Held>) -> Self {
        Self { described: Some(described), held, refusal: Some("It is a test.".to_owned()) }
    }

    #[cfg(test)]
    pub(super) fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }
}

/// What is known by the time that somebody waits no longer for the first answer.
pub(super) async fn known(state: &watch::Sender<Known>) -> Known {
    let mut state = state.subscribe();
    let first = state.wait_for(Known::is_settled);
    // Whoever waits too long, or when nobody asks any more, is told what there is.
    let _ = tokio::time::timeout(FIRST_ANSWER, first).await;
    state.borrow().clone()
}

/// Asks, for as long as the agent lives.
pub(super) async fn keep(control_plane: HttpControlPlane, state: watch::Sender<Known>) {
    let mut patience = Patience::new();
    loop {
        let (asked, asked_at) = (Instant::now(), SystemClock.now());
        let wait = match ask(&control_plane, &state).await {
            Ok(given) => {
                patience.reset();
                let renew_in = Duration::from_millis(given.renew_in_ms);
                tracing::debug!(
                    key = given.access_key_id,
                    ?renew_in,
                    "credentials of the host's role"
                );
                let held = Held::new(given, asked, asked_at);
                state.send_modify(|known| (known.held, known.refusal) = (Some(held), None));
                renew_in.max(SOONEST)
            }
            Err(CallError::Refused { code, message, .. }) if code == "AccessDeniedException" => {
                if state.borrow().refusal.as_ref() != Some(&message) {
                    tracing::warn!("{message} Programs on this host have no role");
                }
                state.send_modify(|known| known.refusal = Some(message));
                AFTER_REFUSAL
            }
            Err(cause) => {
                let wait = patience.next();
                tracing::warn!(%cause, ?wait, "no new credentials of the host's role; trying again");
                wait
            }
        };
        tokio::time::sleep(wait).await;
    }
}

async fn ask(
    control_plane: &HttpControlPlane,
    state: &watch::Sender<Known>,
) -> Result<RoleAnswer, CallError> {
    let described: SelfAnswer = get(control_plane, SELF_PATH).await?;
    state.send_modify(|known| known.described = Some(described));
    get(control_plane, ROLE_PATH).await
}

async fn get<T: DeserializeOwned>(
    control_plane: &HttpControlPlane,
    path: &str,
) -> Result<T, CallError> {
    let answer = control_plane.get(JsonService::SSM, path).await?;
    serde_json::from_value(answer).map_err(|_| {
        // The parser's own words could quote a secret.
        CallError::Unreachable(anyhow::anyhow!("the answer to {path} is not what it should be"))
    })
}
