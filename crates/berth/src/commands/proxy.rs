//! `berth proxy`: one host's load balancers.

use std::future;
use std::io;

use anyhow::Result;

use crate::data_dir::DataDir;
use crate::exit::Usage;
use crate::host_access::Grants;
use crate::host_proxy::{Carrier, HostProxy, Life};
use crate::remote::Remote;
use crate::settings::{
    EndpointSettings, GlobalSettings, HandoverOptions, JoinOptions, ProxyOptions,
};
use crate::{open_files, ready, shutdown};

pub async fn run(
    global: GlobalSettings,
    endpoint: EndpointSettings,
    proxy: ProxyOptions,
    zone: Option<String>,
    handover: HandoverOptions,
    join: JoinOptions,
) -> Result<()> {
    let ca_pin = join.ca_pin;
    let grant = join.settle()?;
    let signal = shutdown::on_signal()?;
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
    let proxy = proxy.settle(dir.balancer_logs(), zone, &handover);
    let mut carrier = Carrier::start(&proxy, &dir).await?;
    carrier.alone().await;
    let proxy = HostProxy::new(carrier, &proxy, control_plane, grants, &dir).await?;
    ready::tell(&address, &mut io::stdout())?;
    proxy.run(Life { stop: signal.child_token(), signal, others: future::ready(()) }).await
}
