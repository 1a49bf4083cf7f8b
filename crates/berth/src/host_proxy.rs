//! This host's balancers: what the control plane tells them to carry, and what they find out about targets.
//!
//! Traffic needs no control plane: the last configuration is in a file, and is carried before anybody is asked for a
//! newer one. The proxy is a host of its own to the control plane (ADR 28), beside this machine's agent.

mod carrier;
mod follow;
mod kept;
pub mod metrics;
mod reload;
mod report;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use berth_agent::{HostCalls, HttpControlPlane, JsonService, RotatingCredentials};
use berth_control::server::Server;
use berth_proxy::Proxy;
use berth_proxy::handover::Successor;
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;

use crate::data_dir::DataDir;
use crate::host_access::Grants;
use crate::membership::Membership;
use crate::notify;
use crate::remote::Remote;
use crate::settings::{GRACE, ProxySettings};
pub use carrier::Carrier;
use carrier::VERSION;
use kept::Kept;

/// What calls of proxies are signed for.
const SERVICE: JsonService = JsonService { signing_name: "elasticloadbalancing", target: "" };

/// What else there is in this process.
pub struct Life<O> {
    /// Ends all of it.
    pub stop: CancellationToken,
    /// Somebody said so: nobody is to be waited for longer than for other ends.
    pub signal: CancellationToken,
    /// Over when nothing else is left that a successor could be waiting for.
    pub others: O,
}

pub struct HostProxy {
    carrier: Carrier,
    /// How long what this process has may go on after another one has taken over.
    drain: Duration,
    /// Where its metrics are told, if they have a place of their own.
    metrics: Option<Server>,
    bonds: Bonds,
}

/// What makes this host one of the control plane's.
struct Bonds {
    control_plane: Remote,
    grants: Grants,
    membership: Membership,
}

/// What the two who speak to the control plane share.
struct Shared {
    proxy: Proxy,
    kept: Kept,
    /// Held while a configuration is applied and kept, and while another process takes over.
    applying: Arc<Mutex<()>>,
    /// A configuration was applied: listeners may be up or down that were not.
    applied: Notify,
}

enum End {
    Stopped(Result<()>),
    Succeeded(Successor),
}

impl HostProxy {
    /// `settings` are those that the carrier was started with; what it waits for has to be over.
    pub async fn new(
        carrier: Carrier,
        settings: &ProxySettings,
        control_plane: Remote,
        grants: Grants,
        dir: &DataDir,
    ) -> Result<HostProxy> {
        let dir = dir.proxy_dir()?;
        let membership = Membership::new(dir.join("identity.json"), dir.join("configuration.json"));
        let metrics = match settings.metrics {
            Some(address) => {
                let region = control_plane.region.clone();
                match metrics::serve(address, region, carrier.meter()).await {
                    Err(error) if carrier.is_successor() => {
                        tracing::error!(error = format!("{error:#}"), %address, "metrics are not told");
                        None
                    }
                    served => Some(served?),
                }
            }
            None => None,
        };
        let bonds = Bonds { control_plane, grants, membership };
        Ok(HostProxy { carrier, drain: settings.drain, metrics, bonds })
    }

    /// Carries traffic until told to stop, or until another process does; `life.stop` is cancelled then.
    pub async fn run(self, life: Life<impl Future<Output = ()>>) -> Result<()> {
        let HostProxy { carrier, drain, metrics, bonds } = self;
        let Carrier { proxy, kept, tenure, reloads, .. } = carrier;
        let shared = Shared { proxy, kept, applying: Arc::default(), applied: Notify::new() };
        let lend = async || {
            let held = Arc::clone(&shared.applying).lock_owned().await;
            io::Result::Ok((shared.proxy.estate()?, held))
        };
        let end = tokio::select! {
            biased;
            () = life.stop.cancelled() => End::Stopped(Ok(())),
            successor = tenure.succeeded(VERSION, lend) => End::Succeeded(successor),
            ended = bonds.attend(&shared) => End::Stopped(ended),
            never = reload::attend(reloads) => match never {},
            never = follow::catch_up(&shared) => match never {},
        };
        let tell_no_more = async {
            if let Some(metrics) = metrics {
                metrics.shutdown().await;
            }
        };
        match end {
            End::Stopped(ended) => {
                shared.proxy.close().await;
                tell_no_more.await;
                ended
            }
            End::Succeeded(successor) => {
                let retired = shared.proxy.retire(enough(drain, &life.signal));
                drop(tenure);
                if let Some(pid) = successor.pid() {
                    notify::tell(notify::State::MainProcess(pid));
                }
                life.stop.cancel();
                tokio::join!(retired, async {
                    tokio::join!(tell_no_more, life.others);
                    successor.release().await;
                });
                Ok(())
            }
        }
    }
}

/// When a process that has a successor ends, whatever is under way.
async fn enough(drain: Duration, signal: &CancellationToken) {
    let told = async {
        signal.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = tokio::time::sleep(drain) => {}
        () = told => {}
    }
}

impl Bonds {
    /// Returns only if this host cannot be one of the control plane's.
    async fn attend(&self, shared: &Shared) -> Result<()> {
        let calls = HostCalls::new(self.control_plane.endpoint.clone())?;
        let mut put_out = false;
        loop {
            let identity = self.membership.identity(&self.grants, &calls, put_out).await?;
            let credentials = Arc::new(RotatingCredentials::start(identity.clone(), calls.clone()));
            let region = self.control_plane.region.to_string();
            let endpoint = self.control_plane.endpoint.clone();
            let control_plane = HttpControlPlane::new(endpoint, region, credentials.clone())?;
            let is_unknown = async {
                let why = credentials.unknown().await;
                if !self.grants.can_replace(&identity) {
                    // What is configured is carried on.
                    std::future::pending::<()>().await;
                }
                tracing::warn!(host = identity.host_id(), why, "joining anew, as another host");
            };
            tokio::select! {
                biased;
                () = is_unknown => put_out = true,
                () = follow::follow(&control_plane, shared) => {}
                () = report::report(&control_plane, shared) => {}
            }
        }
    }
}
