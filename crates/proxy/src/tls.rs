//! TLS to clients: which certificate is shown, what is agreed on, and whose certificates are asked for.
//!
//! A [`Tls`] is made from a listener and what it names. One that is as it was is kept over configurations, so that sessions are resumed.
//! TLS to targets is another matter (`group/tls.rs`).

mod clients;
mod kept;
mod names;
mod policy;
#[cfg(test)]
mod tests;
mod x509;

use std::sync::Arc;

use berth_proxy_protocol::{ClientAuthentication, Configuration, Listener};
use rustls::ServerConfig;
use rustls::crypto::ring::Ticketer;

pub(crate) use kept::Kept;
use names::Names;
pub(crate) use x509::Facts;

/// What a listener needs to speak TLS.
pub(crate) struct Tls {
    pub(crate) config: Arc<ServerConfig>,
    names: Arc<Names>,
}

impl Tls {
    /// `protocols` are what ALPN offers, most wanted first.
    pub(crate) fn new(
        listener: &Listener,
        protocols: &[&[u8]],
        configuration: &Configuration,
    ) -> Result<Tls, String> {
        let provider = Arc::new(policy::provider(listener.security_policy.as_ref())?);
        let versions = policy::versions(listener.security_policy.as_ref())?;
        let names = Arc::new(Names::new(&listener.certificates, configuration, &provider)?);
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&versions)
            .map_err(|error| format!("the security policy cannot be had: {error}"))?;
        let builder = match &listener.client_authentication {
            ClientAuthentication::Off => builder.with_no_client_auth(),
            ClientAuthentication::Passthrough => {
                builder.with_client_cert_verifier(clients::anybody(provider))
            }
            ClientAuthentication::Verify { trust_store, accept_expired } => {
                let store = configuration.trust_stores.iter().find(|it| it.arn == *trust_store);
                let store = store.ok_or_else(|| format!("there is no {trust_store}"))?;
                builder.with_client_cert_verifier(clients::known(store, *accept_expired, provider)?)
            }
        };
        let mut config = builder.with_cert_resolver(Arc::clone(&names) as Arc<_>);
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        config.ignore_client_order = true;
        config.ticketer = Ticketer::new().map_err(|error| format!("no tickets: {error}"))?;
        Ok(Tls { config: Arc::new(config), names })
    }

    /// The ARN of the certificate that a client is shown who names this host.
    pub(crate) fn certificate(&self, host: Option<&str>) -> &str {
        self.names.arn(host)
    }
}

/// As OpenSSL names it, which is how access logs and headers do.
pub(crate) fn cipher_name(suite: rustls::CipherSuite) -> String {
    let name = suite.as_str().unwrap_or("-");
    match name.strip_prefix("TLS13_") {
        Some(rest) => format!("TLS_{rest}"),
        None => name
            .trim_start_matches("TLS_")
            .replace("_WITH_", "_")
            .replace("AES_", "AES")
            .replace("CHACHA20_POLY1305_SHA256", "CHACHA20_POLY1305")
            .replace('_', "-"),
    }
}

pub(crate) fn version_name(version: rustls::ProtocolVersion) -> &'static str {
    match version {
        rustls::ProtocolVersion::TLSv1_2 => "TLSv1.2",
        rustls::ProtocolVersion::TLSv1_3 => "TLSv1.3",
        _ => "-",
    }
}
