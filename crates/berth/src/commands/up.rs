//! `berth up`: everything on this host.

use std::io;

use anyhow::Result;
use tokio_util::sync::CancellationToken;

use crate::control_plane::ControlPlane;
use crate::data_dir::DataDir;
use crate::host_agent::{self, HostAgent};
use crate::settings::{
    EndpointSettings, GlobalSettings, HostSettings, RuntimeChoice, ServerSettings,
};
use crate::{ready, shutdown};

/// The agent is one like any other: it speaks to the server by its socket, with signed requests.
pub async fn run(global: GlobalSettings, server: ServerSettings, host: HostSettings) -> Result<()> {
    let stop = shutdown::on_signal()?;
    let dir = DataDir::create(&global.data_dir)?;
    let control_plane = ControlPlane::start(server, &dir).await?;
    let client = control_plane.client();
    let endpoint =
        EndpointSettings { endpoint: client.endpoint.clone(), region: client.region.clone() };
    let key = dir.administrator_or_new()?;
    host_agent::ensure_cluster(&host, &endpoint, key.clone().into()).await?;
    let agent = match host.runtime {
        RuntimeChoice::None => None,
        _ => Some(HostAgent::start(host, &endpoint, key.into(), &dir)?),
    };
    ready::tell(&client.endpoint, &mut io::stdout())?;
    let (served, hosted) = tokio::join!(
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
    served.and(hosted)
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
