//! What a listener agrees on with clients by TLS: versions and ciphers, and protocols.

use berth_aws_api::elbv2 as api;

use crate::ssl_policies;
use crate::tables::Protocol;

/// The policy of a listener that speaks TLS.
pub fn policy(protocol: Protocol, given: Option<String>) -> Result<Option<String>, api::Error> {
    match given {
        None => Ok(protocol.is_secure().then(|| ssl_policies::FIRST.to_owned())),
        Some(_) if !protocol.is_secure() => Err(api::Error::validation(format!(
            "An SSL policy cannot be specified for {} listeners",
            protocol.as_str()
        ))),
        Some(name) => match ssl_policies::find(&name) {
            Some(_) => Ok(Some(name)),
            None => Err(api::Error::ssl_policy_not_found(format!("SSL policy '{name}' not found"))),
        },
    }
}

const ALPN: [&str; 5] = ["HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None"];

/// AWS: a list of one name, of TLS listeners.
pub fn alpn(protocol: Protocol, given: Vec<String>) -> Result<Option<String>, api::Error> {
    let refused = |message: String| Err(api::Error::alpn_policy_not_supported(message));
    match given.as_slice() {
        [] => Ok(None),
        _ if protocol != Protocol::Tls => refused(format!(
            "ALPN policies cannot be specified for {} listeners",
            protocol.as_str()
        )),
        [name] if ALPN.contains(&name.as_str()) => Ok(Some(name.clone())),
        [name] => refused(format!("ALPN policy '{name}' must be one of '{}'", ALPN.join(", "))),
        _ => refused("Exactly one ALPN policy can be specified".to_owned()),
    }
}
