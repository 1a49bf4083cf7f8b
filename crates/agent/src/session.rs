//! The assignment session: stays connected, obeys what arrives, acknowledges what is safe.
//!
//! `inbox.rs` says what a message means; here is only the connection's own life, with ECS's rules:
//! hang up after one to two minutes of silence and after half an hour anyway; come back at once after a
//! normal end, with growing waits after any other, and after an hour if the host was deregistered.

mod inbox;

use std::sync::Arc;
use std::time::Duration;

use berth_agent_protocol::acs::{FromAgent, FromServer};
use berth_agent_protocol::{Exception, ExceptionKind};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::control_plane::{AcsSession, DialError, Hangup, Socket};
use crate::endpoints::Endpoints;
use crate::host::Host;
use crate::task::Register;

use inbox::Inbox;

/// AWS: silence that ends a session, with as much again at random.
const SILENCE: Duration = Duration::from_secs(60);
const SILENCE_JITTER: Duration = Duration::from_secs(60);
/// AWS: a session's longest life.
const LIFETIME: Duration = Duration::from_secs(30 * 60);
const LIFETIME_JITTER: Duration = Duration::from_secs(5 * 60);
/// AWS: a deregistered host asks again so seldom, and does not register by itself.
const AFTER_DEREGISTRATION: Duration = Duration::from_secs(60 * 60);
/// Two sessions in a row that lived shorter than this are a fault, whatever their close codes say.
const TOO_SHORT: Duration = Duration::from_secs(1);

pub(crate) struct Session {
    pub(crate) host: Arc<Host>,
    pub(crate) register: Arc<Register>,
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) container_instance: String,
    pub(crate) docker_version: String,
}

/// Why a connection is no more.
#[derive(Debug)]
pub(crate) enum End {
    /// A normal goodbye, ours or theirs.
    Closed,
    /// The host is deregistered.
    Inactive(Exception),
    Failed(anyhow::Error),
}

impl Session {
    /// Connects again and again, for as long as the agent lives.
    pub(crate) async fn run(self) {
        let mut backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(120), 1.5);
        let mut inbox = Inbox::new(self.host.clone(), self.register.clone());
        let mut send_credentials = true;
        let mut was_short = false;
        loop {
            let since = Instant::now();
            let end = self.connect(&mut inbox, &mut send_credentials).await;
            let lived = since.elapsed();
            if lived >= SILENCE {
                backoff.reset();
            }
            let is_short = lived < TOO_SHORT;
            let wait = match end {
                End::Closed if !(is_short && was_short) => {
                    backoff.reset();
                    Duration::ZERO
                }
                End::Closed => backoff.next(&self.host),
                End::Inactive(exception) => {
                    tracing::error!(%exception, "this host is deregistered");
                    AFTER_DEREGISTRATION
                }
                End::Failed(cause) => {
                    let wait = backoff.next(&self.host);
                    tracing::warn!(
                        cause = format!("{cause:#}"),
                        ?wait,
                        "the assignment session failed"
                    );
                    wait
                }
            };
            was_short = is_short;
            tokio::time::sleep(wait).await;
        }
    }

    async fn connect(&self, inbox: &mut Inbox, send_credentials: &mut bool) -> End {
        let socket = match self.dial(*send_credentials).await {
            Ok(socket) => socket,
            Err(end) => return end,
        };
        // AWS: from now on the server refreshes them in its own time.
        *send_credentials = false;
        tracing::info!("connected");
        self.register.parts().outbox.open();
        converse(&self.host, socket, |frame, out| inbox.take(frame, out)).await
    }

    async fn dial(&self, send_credentials: bool) -> Result<Socket, End> {
        let endpoints = self.endpoints.discover(&self.host, &self.container_instance).await;
        let endpoints = endpoints.map_err(|error| End::Failed(error.into()))?;
        let session = AcsSession {
            cluster: self.host.options.cluster.clone(),
            container_instance: self.container_instance.clone(),
            agent_version: self.host.options.agent_version.clone(),
            agent_hash: self.host.options.agent_hash.clone(),
            docker_version: self.docker_version.clone(),
            send_credentials,
        };
        let opened = self.host.control_plane.open_acs(&endpoints.endpoint, &session).await;
        opened.map_err(|error| refusal(error, &self.endpoints))
    }
}

pub(crate) fn refusal(error: DialError, endpoints: &Endpoints) -> End {
    match error {
        DialError::Refused(exception) if exception.kind == ExceptionKind::InactiveInstance => {
            End::Inactive(exception)
        }
        // Where we were sent may not be where we are wanted: another server may lead by now.
        DialError::Refused(exception) => {
            endpoints.doubt();
            End::Failed(exception.into())
        }
        DialError::Failed(cause) => {
            endpoints.doubt();
            End::Failed(cause)
        }
    }
}

/// Reads until either end has enough.
async fn converse(
    host: &Host,
    socket: Socket,
    mut take: impl FnMut(FromServer, &mpsc::Sender<String>),
) -> End {
    let Socket { outgoing, mut incoming } = socket;
    let closes_at = Instant::now() + LIFETIME + host.up_to(LIFETIME_JITTER);
    let mut silent_at = quiet_until(host);
    loop {
        tokio::select! {
            biased;
            () = tokio::time::sleep_until(silent_at) => {
                return End::Failed(anyhow::anyhow!("the control plane has been silent for too long"));
            }
            () = tokio::time::sleep_until(closes_at) => return End::Closed,
            frame = incoming.recv() => {
                silent_at = quiet_until(host);
                match frame {
                    Some(Ok(text)) => match FromServer::decode(&text) {
                        Ok(FromServer::Exception(exception))
                            if exception.kind == ExceptionKind::InactiveInstance =>
                        {
                            return End::Inactive(exception);
                        }
                        Ok(FromServer::Exception(exception)) => return End::Failed(exception.into()),
                        Ok(frame) => take(frame, &outgoing),
                        // AWS: what is not understood is passed over.
                        Err(error) => tracing::warn!(%error, "a frame cannot be read"),
                    },
                    Some(Err(hangup)) => return ended(hangup),
                    // AWS: a connection that breaks without a word (1006) counts as a normal end.
                    None => return End::Closed,
                }
            }
        }
    }
}

fn quiet_until(host: &Host) -> Instant {
    Instant::now() + SILENCE + host.up_to(SILENCE_JITTER)
}

/// AWS: these close codes are nobody's fault.
pub(crate) fn ended(hangup: Hangup) -> End {
    match hangup.code {
        1000 | 1001 | 1006 | 1011 => End::Closed,
        code => End::Failed(anyhow::anyhow!("closed with code {code}: {}", hangup.reason)),
    }
}

/// Sends in the background: whoever handles messages never waits for the wire.
pub(super) fn reply(host: &Host, out: &mpsc::Sender<String>, frame: impl Into<FromAgent>) {
    let text = frame.into().encode();
    if let Err(mpsc::error::TrySendError::Full(text)) = out.try_send(text) {
        let out = out.clone();
        host.spawn(async move {
            // If it fails, the connection is gone and the server asks again on the next.
            let _ = out.send(text).await;
        });
    }
}

#[cfg(test)]
mod tests;
