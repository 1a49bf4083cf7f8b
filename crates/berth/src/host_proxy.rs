//! This host's balancers: what the control plane tells them to carry, and what they find out about targets.
//!
//! Traffic needs no control plane: the last configuration is in a file, and is carried before anybody is asked for a
//! newer one. The proxy is a host of its own to the control plane (ADR 28), beside this machine's agent.

mod follow;
mod kept;
pub mod metrics;
mod report;

use std::sync::Arc;

use anyhow::Result;
use berth_agent::{HostCalls, HttpControlPlane, JsonService, RotatingCredentials};
use berth_control::server::Server;
use berth_proxy::Proxy;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::data_dir::DataDir;
use crate::host_access::Grants;
use crate::membership::Membership;
use crate::remote::Remote;
use crate::settings::ProxySettings;
use kept::Kept;

/// What calls of proxies are signed for.
const SERVICE: JsonService = JsonService { signing_name: "elasticloadbalancing", target: "" };

pub struct HostProxy {
    proxy: Proxy,
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
    /// A configuration was applied: listeners may be up or down that were not.
    applied: Notify,
}

impl HostProxy {
    /// `settings` are those that the proxy was started with.
    pub async fn new(
        proxy: Proxy,
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
                Some(metrics::serve(address, region, proxy.meter()).await?)
            }
            None => None,
        };
        Ok(HostProxy { proxy, metrics, bonds: Bonds { control_plane, grants, membership } })
    }

    /// Carries traffic until told to stop.
    pub async fn run(self, stop: CancellationToken) -> Result<()> {
        let HostProxy { proxy, metrics, bonds } = self;
        let kept = Kept::at(bonds.membership.memory());
        let shared = Shared { proxy, kept, applied: Notify::new() };
        if let Some(last) = shared.kept.load().await {
            tracing::info!(revision = last.revision, "carrying what was configured last");
            shared.proxy.apply(&last);
        }
        let ended = stop.run_until_cancelled(bonds.attend(&shared)).await;
        shared.proxy.close().await;
        if let Some(metrics) = metrics {
            metrics.shutdown().await;
        }
        ended.unwrap_or(Ok(()))
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
