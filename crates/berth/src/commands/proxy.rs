//! `berth proxy`: one host's load balancers.

use std::io;

use anyhow::Result;
use berth_proxy::Proxy;

use crate::data_dir::DataDir;
use crate::exit::Usage;
use crate::host_access::Grants;
use crate::host_proxy::HostProxy;
use crate::remote::Remote;
use crate::settings::{EndpointSettings, GlobalSettings, JoinOptions, ProxyOptions};
use crate::{open_files, ready, shutdown};

pub async fn run(
    global: GlobalSettings,
    endpoint: EndpointSettings,
    proxy: ProxyOptions,
    zone: Option<String>,
    join: JoinOptions,
) -> Result<()> {
    let ca_pin = join.ca_pin;
    let grant = join.settle()?;
    let stop = shutdown::on_signal()?;
    let dir = DataDir::create(&global.data_dir)?;
    let pin = ca_pin.or_else(|| grant.as_ref()?.authority);
    let grants = match grant {
        Some(grant) => Grants::One(grant),
        // One that has joined needs no token any more.
        None if dir.has_proxy_identity()? => Grants::None,
        None => {
            return Err(Usage::error(
                "a proxy joins as a host does: `--token`, made by `berth token create`",
            ));
        }
    };
    let address = endpoint.endpoints[0].clone();
    let control_plane = Remote::named(endpoint, &dir)?.pinned(pin, &dir);
    open_files::raise_limit();
    let proxy = proxy.settle(dir.balancer_logs(), zone);
    let carrier = Proxy::start(proxy.carrying.clone());
    let proxy = HostProxy::new(carrier, &proxy, control_plane, grants, &dir).await?;
    ready::tell(&address, &mut io::stdout())?;
    proxy.run(stop).await
}
