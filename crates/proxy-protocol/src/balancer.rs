//! Balancers, and what they listen to.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{Action, Condition, Secret, Transform};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Balancer {
    pub arn: String,
    /// As access logs and metrics name it: `app/NAME/ID` or `net/NAME/ID`.
    pub resource: String,
    pub kind: BalancerKind,
    /// Its own, which no other balancer has; its name stands for them.
    pub addresses: Vec<IpAddr>,
    pub attributes: BalancerAttributes,
    /// If it has ever authenticated users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication: Option<AuthenticationKeys>,
    pub listeners: Vec<Listener>,
}

/// The same for every proxy of a balancer, so that each knows whom another one has authenticated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationKeys {
    /// What session cookies are sealed under: 32 bytes in base 64.
    pub session_key: Secret,
    /// What claims for targets are signed with: a key on P-256, PKCS 8 in base 64.
    pub signing_key: Secret,
    /// What that key is called where the control plane tells its public half.
    pub signing_key_id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BalancerKind {
    Application,
    Network,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BalancerAttributes {
    pub idle_timeout_seconds: u32,
    pub client_keep_alive_seconds: u32,
    pub http2: bool,
    pub desync_mitigation: DesyncMitigation,
    pub header_names: HeaderNames,
    pub forwarded_for: ForwardedFor,
    /// Whether the port that a client came from is told along with its address.
    pub forwarded_for_port: bool,
    pub preserve_host: bool,
    pub tls_version_and_cipher_headers: bool,
    pub cross_zone: bool,
    pub access_logs: bool,
    pub connection_logs: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DesyncMitigation {
    Monitor,
    Defensive,
    Strictest,
}

/// What becomes of headers whose names are no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HeaderNames {
    Any,
    ValidOnly,
}

/// What becomes of `X-Forwarded-For`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForwardedFor {
    Append,
    Preserve,
    Remove,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listener {
    pub arn: String,
    pub port: u16,
    pub protocol: ListenerProtocol,
    /// Whether it listens where the proxy was told to as well, not at its balancer's own addresses alone. Of listeners that
    /// want the same port, one.
    #[serde(default)]
    pub everywhere: bool,
    /// ARNs; the first is for clients that name no host, or one that none is for.
    pub certificates: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_policy: Option<SecurityPolicy>,
    pub client_authentication: ClientAuthentication,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alpn: Option<AlpnPolicy>,
    pub attributes: ListenerAttributes,
    pub default_actions: Vec<Action>,
    /// By priority, the first first.
    pub rules: Vec<Rule>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ListenerProtocol {
    Http,
    Https,
    Tcp,
    Tls,
    Udp,
    TcpUdp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    pub arn: String,
    pub priority: u32,
    pub conditions: Vec<Condition>,
    pub actions: Vec<Action>,
    #[serde(default)]
    pub transforms: Vec<Transform>,
}

/// What a listener's attributes ask: responses get headers, and requests' own are renamed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListenerAttributes {
    /// NLB: after how long a silent connection is forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp_idle_timeout_seconds: Option<u32>,
    /// Whether answers say `Server: awselb/2.0`.
    pub server_header: bool,
    /// Headers that every answer gets, in place of the target's.
    pub response_headers: Vec<(String, String)>,
    /// What `X-Amzn-Mtls-…` and `X-Amzn-Tls-…` are called instead: from, to.
    pub renamed_request_headers: Vec<(String, String)>,
}

/// A security policy of ELB's, as far as rustls can have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityPolicy {
    pub name: String,
    pub tls_1_2: bool,
    pub tls_1_3: bool,
    /// IANA's names, most wanted first.
    pub cipher_suites: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "mode")]
pub enum ClientAuthentication {
    Off,
    /// Whatever certificate the client shows goes to the target, which judges it.
    Passthrough,
    Verify {
        trust_store: String,
        accept_expired: bool,
    },
}

/// NLB: what is agreed on with clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlpnPolicy {
    #[serde(rename = "HTTP1Only")]
    Http1Only,
    #[serde(rename = "HTTP2Only")]
    Http2Only,
    #[serde(rename = "HTTP2Optional")]
    Http2Optional,
    #[serde(rename = "HTTP2Preferred")]
    Http2Preferred,
    None,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    pub arn: String,
    /// PEM, the certificate first, then what it was issued by.
    pub chain: String,
    pub private_key: Secret,
    /// `example.com`, `*.example.com`.
    pub names: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrustStore {
    pub arn: String,
    /// PEM.
    pub authorities: String,
    /// PEM, each a list of revoked certificates.
    pub revocations: Vec<String>,
}
