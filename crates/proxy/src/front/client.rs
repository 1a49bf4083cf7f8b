//! A client that came by TLS: what was agreed on, and who it says it is.

use std::fmt::Write;

use berth_proxy_protocol::ClientAuthentication;
use http::{HeaderMap, HeaderName, HeaderValue};
use rustls::ServerConnection;
use rustls::pki_types::CertificateDer;

use crate::tls::{Facts, Tls, cipher_name, version_name};

const CERTIFICATE: HeaderName = HeaderName::from_static("x-amzn-mtls-clientcert");
const LEAF: HeaderName = HeaderName::from_static("x-amzn-mtls-clientcert-leaf");
const SERIAL: HeaderName = HeaderName::from_static("x-amzn-mtls-clientcert-serial-number");
const ISSUER: HeaderName = HeaderName::from_static("x-amzn-mtls-clientcert-issuer");
const SUBJECT: HeaderName = HeaderName::from_static("x-amzn-mtls-clientcert-subject");
const VALIDITY: HeaderName = HeaderName::from_static("x-amzn-mtls-clientcert-validity");
const VERSION: HeaderName = HeaderName::from_static("x-amzn-tls-version");
const CIPHER: HeaderName = HeaderName::from_static("x-amzn-tls-cipher-suite");

/// What all requests of a connection have in common.
pub(super) struct Client {
    pub(super) version: &'static str,
    pub(super) cipher: String,
    pub(super) key_exchange: Option<String>,
    /// The host that it named.
    pub(super) host: Option<String>,
    /// The ARN of the certificate that it was shown.
    pub(super) certificate: String,
    /// Of the certificate that it showed.
    pub(super) facts: Option<Facts>,
    /// What targets are told of that certificate.
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Client {
    pub(super) fn new(
        connection: &ServerConnection,
        tls: &Tls,
        authentication: &ClientAuthentication,
    ) -> Client {
        let host = connection.server_name().map(str::to_owned);
        let chain = connection.peer_certificates().unwrap_or_default();
        let facts = chain.first().and_then(|leaf| Facts::read(leaf));
        let headers = match (authentication, chain) {
            (ClientAuthentication::Off, _) | (_, []) => Vec::new(),
            (ClientAuthentication::Passthrough, chain) => vec![(CERTIFICATE, pem(chain))],
            (ClientAuthentication::Verify { .. }, chain) => {
                let mut headers = vec![(LEAF, pem(&chain[..1]))];
                headers.extend(facts.iter().flat_map(told));
                headers
            }
        };
        Client {
            version: connection.protocol_version().map_or("-", version_name),
            cipher: connection
                .negotiated_cipher_suite()
                .map_or_else(String::new, |suite| cipher_name(suite.suite())),
            key_exchange: connection
                .negotiated_key_exchange_group()
                .map(|group| format!("{:?}", group.name())),
            certificate: tls.certificate(host.as_deref()).to_owned(),
            host,
            facts,
            headers,
        }
    }
}

/// Tells a target about its client. What a client says of itself is never passed on.
pub(super) fn tell(
    headers: &mut HeaderMap,
    client: Option<&Client>,
    with_version: bool,
    renamed: &[(HeaderName, HeaderName)],
) {
    // Hardly any client says such things.
    let may_claim = |name: &HeaderName| name.as_str().starts_with("x-amzn-");
    if !renamed.is_empty() || headers.keys().any(may_claim) {
        for name in [CERTIFICATE, LEAF, SERIAL, ISSUER, SUBJECT, VALIDITY] {
            headers.remove(ours(renamed, &name));
        }
        if with_version {
            headers.remove(ours(renamed, &VERSION));
            headers.remove(ours(renamed, &CIPHER));
        }
    }
    let Some(client) = client else { return };
    for (name, value) in &client.headers {
        headers.insert(ours(renamed, name), value.clone());
    }
    if with_version {
        headers.insert(ours(renamed, &VERSION), HeaderValue::from_static(client.version));
        if let Ok(cipher) = HeaderValue::from_str(&client.cipher) {
            headers.insert(ours(renamed, &CIPHER), cipher);
        }
    }
}

/// What a listener's attributes call it.
fn ours(renamed: &[(HeaderName, HeaderName)], name: &HeaderName) -> HeaderName {
    renamed.iter().find(|(from, _)| from == name).map_or(name, |(_, to)| to).clone()
}

fn told(facts: &Facts) -> Vec<(HeaderName, HeaderValue)> {
    let validity = format!("NotBefore={};NotAfter={}", facts.not_before, facts.not_after);
    [
        (SERIAL, &facts.serial),
        (ISSUER, &facts.issuer),
        (SUBJECT, &facts.subject),
        (VALIDITY, &validity),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some((name, HeaderValue::from_bytes(text.as_bytes()).ok()?)))
    .collect()
}

/// PEM as part of a URL. AWS: `+`, `=` and `/` stay as they are.
fn pem(chain: &[CertificateDer<'_>]) -> HeaderValue {
    let mut text = String::new();
    for certificate in chain {
        text.push_str("-----BEGIN%20CERTIFICATE-----%0A");
        let encoded =
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, certificate);
        for line in encoded.as_bytes().chunks(64) {
            let line = std::str::from_utf8(line).expect("base 64 is of one byte each");
            write!(text, "{line}%0A").expect("writing to memory");
        }
        text.push_str("-----END%20CERTIFICATE-----%0A");
    }
    HeaderValue::try_from(text).expect("it is made of such characters")
}
