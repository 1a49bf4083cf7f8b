//! Addresses that the agent may be told, and how it speaks to them.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use http::Uri;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rand::RngExt;
use rustls::ClientConfig;

use super::servers::Servers;
use crate::trust::Trust;

pub(crate) type HttpClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A server, or several that are as good as one another, and whom they must prove to be.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Each what `AWS_ENDPOINT_URL` would be: `http://host:port`, `https://host:port`.
    addresses: Vec<String>,
    pub trust: Trust,
    /// Whoever uses this endpoint keeps to one server.
    kept: Arc<AtomicUsize>,
}

impl Endpoint {
    pub fn new(address: impl Into<String>, trust: Trust) -> Self {
        Self::any_of(vec![address.into()], trust)
    }

    /// Begins with any of them, so that they share the hosts.
    pub fn any_of(addresses: Vec<String>, trust: Trust) -> Self {
        let first = rand::rng().random_range(0..addresses.len().max(1));
        Self { addresses, trust, kept: Arc::new(AtomicUsize::new(first)) }
    }

    /// What cannot be used is refused here, not at the first call.
    pub(crate) fn parse(&self) -> anyhow::Result<Parsed> {
        ensure!(!self.addresses.is_empty(), "there is no address of a server");
        let uris = self.addresses.iter().map(|address| self.parsed(address));
        let uris = uris.collect::<anyhow::Result<_>>()?;
        let tls = self.trust.client_config()?;
        Ok(Parsed { servers: Servers::new(uris, self.kept.clone()), tls })
    }

    fn parsed(&self, address: &str) -> anyhow::Result<Uri> {
        let uri: Uri = address
            .parse()
            .with_context(|| format!("`{address}` is not the address of a server"))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") if self.trust.is_empty() => bail!(
                "`{address}`: by which authority's certificate is it known? Give --ca-file FILE, or a token, which says it"
            ),
            Some("https") => {}
            _ => bail!("`{address}` must begin with http:// or https://"),
        }
        if uri.host().is_none() {
            bail!("`{address}` names no host");
        }
        Ok(uri)
    }
}

/// Where plain HTTP is spoken, nobody proves anything.
impl<T: AsRef<str> + ?Sized> From<&T> for Endpoint {
    fn from(address: &T) -> Self {
        Self::new(address.as_ref(), Trust::new())
    }
}

/// Addresses that can be used.
pub(crate) struct Parsed {
    pub(crate) servers: Servers,
    pub(crate) tls: Arc<ClientConfig>,
}

impl Parsed {
    /// A client that follows no redirect, and of which little is left when it is idle.
    pub(crate) fn client(&self) -> HttpClient {
        Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(4)
            .pool_idle_timeout(Duration::from_secs(60))
            .build(self.connector())
    }

    /// A client for calls so seldom that no connection is worth keeping.
    pub(crate) fn forgetful_client(&self) -> HttpClient {
        Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(self.connector())
    }

    fn connector(&self) -> HttpsConnector<HttpConnector> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(10)));
        connector.enforce_http(false);
        HttpsConnectorBuilder::new()
            .with_tls_config(ClientConfig::clone(&self.tls))
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector)
    }
}
