//! Addresses that the agent may be told, and how it speaks to them.

use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use http::Uri;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// `http://host:port`; what cannot be used is refused here, not at the first call.
pub(crate) fn plain_address(address: &str) -> anyhow::Result<Uri> {
    let uri: Uri =
        address.parse().with_context(|| format!("`{address}` is not the address of a server"))?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") => bail!("`{address}`: this agent does not speak TLS yet; use http://"),
        _ => bail!("`{address}` must begin with http://"),
    }
    if uri.host().is_none() {
        bail!("`{address}` names no host");
    }
    Ok(uri)
}

/// A client that follows no redirect, and of which little is left when it is idle.
pub(crate) fn client() -> Client<HttpConnector, Full<Bytes>> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(Duration::from_secs(10)));
    Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(4)
        .pool_idle_timeout(Duration::from_secs(60))
        .build(connector)
}
