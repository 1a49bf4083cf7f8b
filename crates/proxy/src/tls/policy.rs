//! What a security policy leaves of TLS.

use berth_proxy_protocol::SecurityPolicy;
use rustls::crypto::{CryptoProvider, ring};
use rustls::{SupportedCipherSuite, SupportedProtocolVersion, version};

/// Ring's, with the suites of the policy in its order.
pub(super) fn provider(policy: Option<&SecurityPolicy>) -> Result<CryptoProvider, String> {
    let mut provider = ring::default_provider();
    let Some(policy) = policy else { return Ok(provider) };
    let known = |name: &String| {
        provider.cipher_suites.iter().copied().find(|suite| iana_name(*suite) == *name)
    };
    // Those that rustls has not are old: a client that has no other is none that we can serve.
    let suites: Vec<SupportedCipherSuite> = policy.cipher_suites.iter().filter_map(known).collect();
    if suites.is_empty() {
        return Err(format!("no cipher suite of {} can be had", policy.name));
    }
    provider.cipher_suites = suites;
    Ok(provider)
}

pub(super) fn versions(
    policy: Option<&SecurityPolicy>,
) -> Result<Vec<&'static SupportedProtocolVersion>, String> {
    let (has_1_2, has_1_3) = policy.map_or((true, true), |it| (it.tls_1_2, it.tls_1_3));
    let mut versions = Vec::new();
    if has_1_3 {
        versions.push(&version::TLS13);
    }
    if has_1_2 {
        versions.push(&version::TLS12);
    }
    if versions.is_empty() {
        return Err("no version of TLS can be had".to_owned());
    }
    Ok(versions)
}

/// rustls has its own names for TLS 1.3's.
fn iana_name(suite: SupportedCipherSuite) -> String {
    suite.suite().as_str().unwrap_or_default().replace("TLS13_", "TLS_")
}
