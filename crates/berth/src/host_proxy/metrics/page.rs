//! `GET /metrics` of a proxy that has no server beside it.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use berth_control::env::Env;
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::{SigV4Authenticator, StaticCredentials};
use berth_control::pipeline::{AllowAll, EndpointBuilder, EndpointOptions};
use berth_control::server::{Listeners, Server, ServerOptions};
use berth_model::Region;
use berth_proxy::Meter;
use http::Method;

use super::BalancerMetrics;

/// Serves that page and nothing else: no key signs for this endpoint, and there is nothing to sign for.
pub async fn serve(address: SocketAddr, region: Region, meter: Meter) -> Result<Server> {
    let listeners = Listeners::bind(&[address]).await.context("cannot tell metrics")?;
    let metrics = Metrics::new();
    let page = metrics.page([Arc::new(BalancerMetrics(meter)) as _]);
    let endpoint = EndpointBuilder::new(EndpointOptions {
        env: Env::system(),
        account: "000000000000".parse().expect("twelve digits"),
        default_region: region,
        authenticator: Arc::new(SigV4Authenticator::new(StaticCredentials::new())),
        authorizer: Arc::new(AllowAll),
        metrics,
    });
    let endpoint = endpoint.route(Method::GET, "/metrics", page).build()?;
    let server = Server::serve(endpoint, listeners, ServerOptions::default());
    tracing::info!(address = %server.addresses()[0], "telling metrics");
    Ok(server)
}
