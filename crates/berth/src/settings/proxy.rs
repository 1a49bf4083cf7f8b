//! How the balancers of a host carry traffic.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use berth_proxy::Options;
use clap::Args;
use serde::Deserialize;

use super::span::Span;
use super::text::parsed;

/// What each connection takes of memory, buffers and TLS included, times this is a few gigabytes.
const MOST_CONNECTIONS: usize = 100_000;
/// How long connections may take to end when their process is told to.
pub const GRACE: Duration = Duration::from_secs(30);
/// As long as targets that are deregistered have, if nobody says otherwise.
const DRAIN: Duration = Duration::from_secs(300);
/// Whoever logs in waits for two answers.
const ISSUER_PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProxyOptions {
    /// Where load balancers listen beside their own addresses; may be given several times [default: 127.0.0.1]
    #[arg(long, env = "BERTH_LB_ADDRESS", value_name = "ADDR", value_delimiter = ',')]
    pub lb_address: Vec<IpAddr>,

    /// Where access and connection logs of load balancers are written [default: load-balancer-logs in the data directory]
    #[arg(long, env = "BERTH_LB_LOGS", value_name = "DIR")]
    pub lb_logs: Option<PathBuf>,

    /// How many connections the load balancers of this host have at once [default: 100000]
    #[arg(long, env = "BERTH_LB_CONNECTIONS", value_name = "COUNT")]
    pub lb_connections: Option<usize>,

    /// Authorities of issuers that users log in with (authenticate-oidc), in PEM [default: those that this host trusts]
    #[arg(long, env = "BERTH_LB_ISSUER_CA_FILE", value_name = "FILE")]
    pub lb_issuer_ca_file: Option<PathBuf>,

    /// What targets answer to clients' own addresses comes by this host: network balancers may show them those addresses
    #[arg(long, env = "BERTH_LB_ON_THE_WAY_BACK")]
    pub lb_on_the_way_back: bool,

    /// Where what load balancers carry is told to Prometheus, at /metrics [default: nowhere; `up` tells it at the server's]
    #[arg(long, env = "BERTH_LB_METRICS", value_name = "ADDR:PORT")]
    pub lb_metrics: Option<SocketAddr>,

    /// How long connections may go on in a process that another one has taken over from [default: 5m]
    #[arg(long, env = "BERTH_LB_DRAIN", value_name = "TIME")]
    #[serde(deserialize_with = "parsed")]
    pub lb_drain: Option<Span>,
}

/// Asked on the command line alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct HandoverOptions {
    /// Carry in place of the process that does for this data directory: it hands its listeners over, and ends
    #[arg(long)]
    pub take_over: bool,
}

/// `berth proxy` alone: with `up` it is in the zone that the agent is in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct ZoneOptions {
    /// The availability zone of this host: targets there get what comes here, where load balancers do not cross zones
    /// [default: unknown, and all zones are crossed]
    #[arg(long, env = "BERTH_AVAILABILITY_ZONE", value_name = "NAME")]
    pub availability_zone: Option<String>,
}

#[derive(Debug, Clone)]
pub struct ProxySettings {
    pub carrying: Options,
    /// Where metrics are served, beside wherever they are anyway.
    pub metrics: Option<SocketAddr>,
    pub takes_over: bool,
    pub drain: Duration,
}

impl ProxyOptions {
    pub fn or(self, file: ProxyOptions) -> ProxyOptions {
        ProxyOptions {
            lb_address: if self.lb_address.is_empty() { file.lb_address } else { self.lb_address },
            lb_logs: self.lb_logs.or(file.lb_logs),
            lb_connections: self.lb_connections.or(file.lb_connections),
            lb_issuer_ca_file: self.lb_issuer_ca_file.or(file.lb_issuer_ca_file),
            lb_on_the_way_back: self.lb_on_the_way_back || file.lb_on_the_way_back,
            lb_metrics: self.lb_metrics.or(file.lb_metrics),
            lb_drain: self.lb_drain.or(file.lb_drain),
        }
    }

    /// `logs` is where they go unless somebody says where.
    pub fn settle(
        self,
        logs: PathBuf,
        zone: Option<String>,
        handover: &HandoverOptions,
    ) -> ProxySettings {
        let loopback = || vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
        let addresses = Some(self.lb_address).filter(|given| !given.is_empty());
        let carrying = Options {
            zone,
            addresses: addresses.unwrap_or_else(loopback),
            log_folder: Some(self.lb_logs.unwrap_or(logs)),
            most_connections: self.lb_connections.unwrap_or(MOST_CONNECTIONS),
            is_on_the_way_back: self.lb_on_the_way_back,
            issuer_authorities: self.lb_issuer_ca_file,
            issuer_patience: ISSUER_PATIENCE,
            grace: GRACE,
        };
        ProxySettings {
            carrying,
            metrics: self.lb_metrics,
            takes_over: handover.take_over,
            drain: self.lb_drain.map_or(DRAIN, |Span(time)| time),
        }
    }
}
