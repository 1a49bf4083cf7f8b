//! `berth up`: everything on this host.

use std::io;
use std::sync::Arc;

use anyhow::Result;
use berth_agent::HttpControlPlane;
use berth_aws_protocol::sigv4::Credentials;
use tokio_util::sync::CancellationToken;

use crate::control_plane::ControlPlane;
use crate::data_dir::DataDir;
use crate::host_access::{Grants, HostAccess};
use crate::host_agent::{self, HostAgent};
use crate::host_proxy::metrics::BalancerMetrics;
use crate::host_proxy::{Carrier, HostProxy, Life};
use crate::remote::Remote;
use crate::settings::{
    GlobalSettings, HandoverOptions, HostSettings, ProxyOptions, RuntimeChoice, ServerSettings,
};
use crate::{ready, shutdown};

/// The agent is one like any other: it speaks to the server by its socket, as a host of its own. The administrator's
/// key is used to make the cluster, and to let the host in.
pub async fn run(
    global: GlobalSettings,
    server: ServerSettings,
    host: HostSettings,
    proxy: ProxyOptions,
    handover: HandoverOptions,
) -> Result<()> {
    let signal = shutdown::on_signal()?;
    let stop = signal.child_token();
    let dir = DataDir::create(&global.data_dir)?;
    let proxy = proxy.settle(dir.balancer_logs(), Some(host.zone(&server.region)), &handover);
    let mut carrier = Carrier::start(&proxy, &dir).await?;
    // Addresses and data are the other process's until then.
    if stop.run_until_cancelled(carrier.alone()).await.is_none() {
        return Ok(());
    }
    let carried = Arc::new(BalancerMetrics(carrier.meter()));
    let server = ServerSettings { proxy_beside: true, ..server };
    let control_plane = ControlPlane::start(server, &dir, vec![carried]).await?;
    let client = control_plane.client();
    let here = Remote::of_directory(client, &dir)?;
    let key = Credentials::from(dir.administrator_or_new()?);
    let administrator =
        || HttpControlPlane::new(here.endpoint.clone(), here.region.as_str(), key.clone());
    host_agent::ensure_cluster(&host, &administrator()?).await?;
    let grants = Grants::Administrator(administrator()?.into());
    let proxy = HostProxy::new(carrier, &proxy, here.clone(), grants, &dir).await?;
    let agent = match host.runtime {
        RuntimeChoice::None => None,
        _ => {
            let access = HostAccess::Identity(Grants::Administrator(administrator()?.into()));
            Some(HostAgent::new(host, here, access, &dir)?)
        }
    };
    ready::tell(&client.endpoint, &mut io::stdout())?;
    let others = CancellationToken::new();
    let life = Life { stop: stop.clone(), signal, others: others.cancelled() };
    let (carried, (served, hosted)) = tokio::join!(ending_all(&stop, proxy.run(life)), async {
        let ended = tokio::join!(
            ending_all(&stop, control_plane.run(stop.clone())),
            ending_all(&stop, async {
                match agent {
                    Some(agent) => agent.run(stop.clone()).await,
                    None => {
                        stop.cancelled().await;
                        Ok(())
                    }
                }
            }),
        );
        others.cancel();
        ended
    });
    served.and(carried).and(hosted)
}

/// When one part ends, for whatever reason, so does the other.
async fn ending_all(
    stop: &CancellationToken,
    part: impl Future<Output = Result<()>>,
) -> Result<()> {
    let outcome = part.await;
    stop.cancel();
    outcome
}
