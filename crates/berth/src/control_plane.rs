//! The control plane of this process: store, cell, services and the server in front of them.
//!
//! It is put together in the order in which things can go wrong cheaply: the address first, then the
//! data, and only when all of it stands does anybody get an answer.
//!
//! One of several servers may be deposed, or left too far behind to follow: its cell has ended then, and it begins a new one,
//! on the same ground, as a follower. `ground.rs` is what stays, `term.rs` what comes and goes with a cell.

mod cell_keys;
mod ground;
mod term;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use berth_control::cell::{CellError, OpenError};
use berth_control::health::Condition;
use berth_control::metrics::Collector;
use berth_control::reconcile::Reconcilers;
use berth_control::server::{Drained, PlainHttp, Server};
use tokio_util::sync::CancellationToken;

use self::ground::Ground;
use self::term::Term;
use crate::data_dir::{ClientConfig, DataDir};
use crate::settings::ServerSettings;

/// How long passes of reconcilers may hold up a hand-over. What they write after that is refused, and the next leader's
/// begin anew.
const HANDING_OVER: Duration = Duration::from_millis(300);
/// Between two attempts to follow again.
const REST: Duration = Duration::from_secs(1);

/// A control plane that answers.
pub struct ControlPlane {
    ground: Ground,
    term: Term,
    client: ClientConfig,
}

impl ControlPlane {
    /// `collectors` tell of what else is in this process, at `/metrics`.
    pub async fn start(
        settings: ServerSettings,
        dir: &DataDir,
        collectors: Vec<Arc<dyn Collector>>,
    ) -> Result<ControlPlane> {
        let ground = Ground::prepare(settings, dir, collectors).await?;
        let term = Term::start(&ground).await?;
        let address = ground.listeners.addresses()[0];
        // What this machine's clients are told. They may always use the other, too.
        let scheme = if ground.tls.plain_http == PlainHttp::Never { "https" } else { "http" };
        let endpoint = format!("{scheme}://{}", reachable(address));
        let ca_bundle = (scheme == "https").then(|| dir.tls().authority_file());
        let region = ground.settings.region.clone();
        let client = ClientConfig { endpoint, region, ca_bundle };
        dir.write_client_config(&client)?;
        ground.health.set(Condition::Ready);
        let account = ground.settings.account;
        tracing::info!(%address, region = %client.region, %account, "control plane ready");
        Ok(ControlPlane { ground, term, client })
    }

    /// How a client on this host reaches it.
    pub fn client(&self) -> &ClientConfig {
        &self.client
    }

    /// Serves until told to stop, then stops cleanly. A cell that ended by itself is an error, unless it can be followed again.
    pub async fn run(mut self, stop: CancellationToken) -> Result<()> {
        loop {
            let ended = tokio::select! {
                biased;
                () = stop.cancelled() => None,
                reason = self.term.run(&self.ground) => Some(reason),
            };
            match ended {
                None if self.ground.own_address.is_some() => return self.hand_over().await,
                None => return self.stop().await,
                Some(reason) if self.ground.own_address.is_some() && may_follow(&reason) => {
                    tracing::warn!(%reason, "following anew");
                    self.ground.health.set(Condition::Failed(reason.to_string()));
                    if stop.run_until_cancelled(self.renew()).await.is_some() {
                        self.ground.health.set(Condition::Ready);
                    }
                }
                Some(reason) => {
                    self.ground.health.set(Condition::Failed(reason.to_string()));
                    self.take_down().await;
                    bail!("the control plane cannot go on: {reason}");
                }
            }
        }
    }

    /// A new cell in place of one that has ended. The old server answers until then, as far as it can: it passes on.
    async fn renew(&mut self) {
        // Agents are to find the new leader.
        self.term.server.hang_up();
        if let Some(reconcilers) = self.term.reconcilers.take() {
            // They find that their cell has ended.
            tokio::spawn(reconcilers.shutdown());
        }
        loop {
            match Term::start(&self.ground).await {
                Ok(term) => {
                    let old = std::mem::replace(&mut self.term, term);
                    tokio::spawn(drain(old.server));
                    return;
                }
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "cannot follow yet; trying again");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    async fn stop(self) -> Result<()> {
        self.ground.health.set(Condition::Stopping);
        let cell = self.term.cell.clone();
        self.take_down().await;
        cell.close().await.context("the last writes may not be durable")
    }

    /// Another server leads before this one takes leave of its clients.
    async fn hand_over(mut self) -> Result<()> {
        self.ground.health.set(Condition::Stopping);
        if let Some(reconcilers) = self.term.reconcilers.take() {
            drop(tokio::time::timeout(HANDING_OVER, reconcilers.shutdown()).await);
        }
        let closed = self.term.cell.close().await;
        self.take_down().await;
        closed.context("the last writes may not be durable")
    }

    async fn take_down(self) {
        let ControlPlane { mut ground, term, .. } = self;
        drain(term.server).await;
        ground.finish_audit().await;
        if let Some(reconcilers) = term.reconcilers {
            Reconcilers::shutdown(reconcilers).await;
        }
    }
}

async fn drain(server: Server) {
    if server.shutdown().await == Drained::Cut {
        tracing::warn!("some requests took too long to finish and were cut");
    }
}

/// Whether a cell that ended so can be had again by loading it. Everything else is for a person to look at.
fn may_follow(reason: &CellError) -> bool {
    match reason {
        CellError::LeadershipLost | CellError::Commit(_) => true,
        CellError::Unfollowable(why) => matches!(**why, OpenError::Store(_)),
        CellError::Closed
        | CellError::Following
        | CellError::Unsure(_)
        | CellError::Broken { .. }
        | CellError::Vanished => false,
    }
}

/// Listening everywhere includes listening on the loopback address.
fn reachable(address: SocketAddr) -> SocketAddr {
    let mut reachable = address;
    if address.ip().is_unspecified() {
        reachable.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    reachable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_everywhere_is_reached_at_home() {
        let reached = |address: &str| reachable(address.parse().expect("an address")).to_string();
        assert_eq!(reached("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(reached("[::]:80"), "[::1]:80");
        assert_eq!(reached("192.0.2.1:80"), "192.0.2.1:80");
    }
}
