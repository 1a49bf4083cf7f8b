//! Where requests go, and how it is found out whether they can.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetGroup {
    pub arn: String,
    pub name: String,
    pub protocol: GroupProtocol,
    /// Of groups that speak HTTP.
    pub http_version: HttpVersion,
    pub attributes: GroupAttributes,
    /// None if the health of these targets is not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheck>,
    pub targets: Vec<Target>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GroupProtocol {
    Http,
    Https,
    Tcp,
    Tls,
    Udp,
    TcpUdp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HttpVersion {
    #[default]
    Http1,
    Http2,
    Grpc,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// As it was registered: an instance's id, an address, or a balancer's ARN.
    pub id: String,
    pub address: IpAddr,
    pub port: u16,
    pub zone: String,
    /// Nothing new is sent to one that is being deregistered; what it has may end.
    pub is_draining: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupAttributes {
    pub algorithm: Algorithm,
    /// Only with [`Algorithm::WeightedRandom`].
    pub anomaly_mitigation: bool,
    /// 0 is none.
    pub slow_start_seconds: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stickiness: Option<Stickiness>,
    pub deregistration_delay_seconds: u32,
    /// NLB: whether connections end with the deregistration delay, or when their target is unhealthy.
    pub terminate_on_deregistration: bool,
    pub terminate_on_unhealthy: bool,
    pub proxy_protocol_v2: bool,
    pub preserve_client_ip: bool,
    pub cross_zone: bool,
    /// With fewer healthy targets than this, all of them get requests.
    pub minimum_healthy_count: u32,
    /// Of all targets, in percent. 0 is not asked.
    pub minimum_healthy_percentage: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    RoundRobin,
    LeastOutstandingRequests,
    WeightedRandom,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Stickiness {
    LbCookie { seconds: u32 },
    AppCookie { name: String, seconds: u32 },
    SourceIp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthCheck {
    pub protocol: HealthProtocol,
    /// None is the port that the target gets traffic on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    pub path: String,
    pub interval_seconds: u32,
    pub timeout_seconds: u32,
    pub healthy_threshold: u32,
    pub unhealthy_threshold: u32,
    pub matcher: Matcher,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HealthProtocol {
    Http,
    Https,
    Tcp,
    Tls,
}

/// Which answers are those of a healthy target: codes and ranges of codes, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Matcher {
    Http(Vec<(u16, u16)>),
    Grpc(Vec<(u16, u16)>),
}
