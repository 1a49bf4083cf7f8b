//! `berth agent`: one host's agent.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, interval_at};

use crate::administrator;
use crate::data_dir::DataDir;
use crate::exit::Usage;
use crate::host_access::{Grants, HostAccess};
use crate::host_agent::HostAgent;
use crate::remote::Remote;
use crate::settings::{EndpointSettings, GlobalSettings, HostSettings, JoinOptions, RuntimeChoice};
use crate::{pages, ready, shutdown};

/// When a host has joined, unless something is in its way.
const AFTER_START: Duration = Duration::from_secs(10);
/// Between times an agent may have had much to do.
const BETWEEN: Duration = Duration::from_secs(60);

pub async fn run(
    global: GlobalSettings,
    endpoint: EndpointSettings,
    host: HostSettings,
    join: JoinOptions,
) -> Result<()> {
    if host.runtime == RuntimeChoice::None {
        return Err(Usage::error(
            "--runtime none is for `berth up`: an agent without a runtime does nothing",
        ));
    }
    let ca_pin = join.ca_pin;
    let grant = join.settle()?;
    let stop = shutdown::on_signal()?;
    let dir = DataDir::create(&global.data_dir)?;
    let pin = ca_pin.or_else(|| grant.as_ref()?.authority);
    let access = match grant {
        Some(grant) => HostAccess::Identity(Grants::One(grant)),
        // A host that has joined needs no token any more.
        None if dir.has_host_identity()? => HostAccess::Identity(Grants::None),
        None => HostAccess::Key(administrator::key(&dir)?),
    };
    let address = endpoint.endpoints[0].clone();
    let control_plane = Remote::named(endpoint, &dir)?.pinned(pin, &dir);
    let agent = HostAgent::new(host, control_plane, access, &dir)?;
    ready::tell(&address, &mut io::stdout())?;
    tokio::select! {
        ended = agent.run(stop) => ended,
        never = stay_small() => match never {},
    }
}

/// The agent's memory is memory that tasks do not have.
async fn stay_small() -> Infallible {
    let mut looks = interval_at(Instant::now() + AFTER_START, BETWEEN);
    loop {
        looks.tick().await;
        pages::forget_program();
    }
}
