//! Credentials that are replaced before they end.
//!
//! One task asks for new ones at half of their life and hands them out. While the control plane is away, the old ones
//! serve until their end; after that, whoever wants to sign waits. A host that the control plane does not know any
//! more is told so in the log, and asks again every hour, in case that was a mistake somebody undoes.

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use async_trait::async_trait;
use berth_agent_protocol::hosts::{CredentialsAnswer, HostRefusalCode};
use berth_aws_protocol::sigv4::Credentials;
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::call::HostCallError;
use super::{HostCalls, HostIdentity, Patience};
use crate::clock::{Clock, SystemClock};
use crate::credentials::CredentialProvider;

/// AWS: a deregistered host asks again so seldom.
const AFTER_REFUSAL: Duration = Duration::from_secs(60 * 60);
/// However short a life the server gives: no sooner than this.
const SOONEST: Duration = Duration::from_millis(100);

/// Dropped, it renews no more.
pub struct RotatingCredentials {
    pub(super) state: Arc<State>,
    renewal: AbortHandle,
}

pub(super) struct State {
    pub(super) standing: watch::Sender<Standing>,
    doubted: Notify,
}

#[derive(Clone)]
pub(super) enum Standing {
    /// None yet, or none that is known to be good.
    Waiting,
    Held {
        credentials: Credentials,
        until: Instant,
    },
    /// The control plane does not know this host.
    Unknown(String),
}

#[cfg(test)]
impl Standing {
    pub(super) fn is_held_as(&self, id: &str) -> bool {
        matches!(self, Standing::Held { credentials, .. } if credentials.access_key_id == id)
    }
}

impl RotatingCredentials {
    /// To be called inside a tokio runtime. Returns at once.
    pub fn start(host: HostIdentity, calls: HostCalls) -> Self {
        let state = Arc::new(State {
            standing: watch::Sender::new(Standing::Waiting),
            doubted: Notify::new(),
        });
        let renewal = tokio::spawn(renew(host, calls, state.clone())).abort_handle();
        Self { state, renewal }
    }

    /// Waits until the control plane says that it does not know this host; gives its words.
    pub async fn unknown(&self) -> String {
        let mut standing = self.state.standing.subscribe();
        loop {
            if let Standing::Unknown(why) = &*standing.borrow_and_update() {
                return why.clone();
            }
            if standing.changed().await.is_err() {
                // The sender is ours.
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Drop for RotatingCredentials {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

#[async_trait]
impl CredentialProvider for RotatingCredentials {
    async fn credentials(&self) -> anyhow::Result<Credentials> {
        let mut standing = self.state.standing.subscribe();
        loop {
            let now = standing.borrow_and_update().clone();
            match now {
                Standing::Held { credentials, until } if Instant::now() < until => {
                    return Ok(credentials);
                }
                Standing::Unknown(why) => bail!("{why}"),
                Standing::Held { .. } | Standing::Waiting => standing.changed().await?,
            }
        }
    }

    fn doubt(&self) {
        self.state.doubted.notify_one();
    }
}

async fn renew(host: HostIdentity, calls: HostCalls, state: Arc<State>) {
    let mut patience = Patience::new();
    let mut last_asked = 0;
    loop {
        // Later each time, even if the clock was set back a little.
        let asked_at = SystemClock.now().as_millis().max(last_asked + 1);
        last_asked = asked_at;
        let asked = Instant::now();
        let wait = match host.ask(&calls, asked_at).await {
            Ok(answer) => {
                patience.reset();
                let renew_in = Duration::from_millis(answer.renew_in_ms);
                tracing::debug!(key = answer.access_key_id, ?renew_in, "new credentials");
                state.standing.send_replace(held(answer, asked));
                renew_in.max(SOONEST)
            }
            Err(HostCallError::Refused(refusal))
                if refusal.code == HostRefusalCode::UnknownHost =>
            {
                let why = refusal.message;
                tracing::error!(
                    host = host.host_id(),
                    "{why} Containers go on. To bring this host in again, start the agent with a new token"
                );
                state.standing.send_replace(Standing::Unknown(why));
                AFTER_REFUSAL
            }
            Err(cause) => {
                let wait = patience.next();
                tracing::warn!(%cause, ?wait, "no new credentials; trying again");
                wait
            }
        };
        tokio::select! {
            biased;
            () = tokio::time::sleep(wait) => {}
            () = state.doubted.notified() => {
                // Many may doubt at the same time, and again until something changes.
                tokio::time::sleep(patience.next().min(wait)).await;
            }
        }
    }
}

/// Their life is counted from before they were asked for, so they never look good for too long.
fn held(answer: CredentialsAnswer, asked: Instant) -> Standing {
    Standing::Held {
        until: asked + Duration::from_millis(answer.expires_in_ms),
        credentials: Credentials {
            access_key_id: answer.access_key_id,
            secret_access_key: answer.secret_access_key,
            session_token: Some(answer.session_token),
        },
    }
}
