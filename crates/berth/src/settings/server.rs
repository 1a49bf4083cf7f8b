//! How the control plane runs.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use berth_control::pipeline::throttle::RateLimits;
use berth_ecs::{Limits, Patience};
use berth_model::{AccountId, Region};
use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::issuer_keys::IssuerKeys;
use super::limits::{LimitProfile, LimitRows};
use super::span::{Limit, Span};
use super::store::{EtcdFlags, StoreChoice};
use super::text::parsed;
use super::tls::TlsOptions;

const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4566);
const ACCOUNT: &str = "000000000000";
const REGION: &str = "us-east-1";
const AUDIT_MIB: u32 = 1024;
const HOST_CREDENTIALS: Duration = Duration::from_secs(60 * 60);
const DATA_KEYS: Duration = Duration::from_secs(90 * 24 * 60 * 60);

#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ServerOptions {
    /// Where the API is served; port 0 picks a free one [default: 127.0.0.1:4566]
    #[arg(long, env = "BERTH_LISTEN", value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,

    /// The address that agents are told to connect to, if it is not the one they call
    #[arg(long, env = "BERTH_ADVERTISE", value_name = "URL")]
    pub advertise: Option<String>,

    #[command(flatten)]
    pub tls: TlsOptions,

    /// What makes state durable: `embedded`, `etcd://HOST:PORT,…/PREFIX` for several servers (`etcds://` with TLS), or
    /// `memory` for tests [default: embedded]
    #[arg(long, env = "BERTH_STORE", value_name = "STORE")]
    #[serde(deserialize_with = "parsed")]
    pub store: Option<StoreChoice>,

    #[command(flatten)]
    pub etcd: EtcdFlags,

    /// The key that secrets in the store are sealed under; BERTH_ROOT_KEY can hold it instead
    /// [default: root-key in the data directory, made at the first start]
    #[arg(long, env = "BERTH_ROOT_KEY_FILE", value_name = "FILE")]
    pub root_key_file: Option<PathBuf>,

    /// How long one data key, which seals under the root key, is used before another takes over [default: 90d]
    #[arg(long, env = "BERTH_DATA_KEYS", value_name = "TIME")]
    #[serde(deserialize_with = "parsed")]
    pub data_keys: Option<Span>,

    /// How many MiB of calls to keep in the data directory's `audit`; 0 keeps none and writes none [default: 1024]
    #[arg(long, env = "BERTH_AUDIT_MIB", value_name = "MIB")]
    pub audit_mib: Option<u32>,

    /// Whether requests must be signed; `open` lets everybody in [default: enforce]
    #[arg(long, env = "BERTH_AUTH", value_name = "MODE")]
    pub auth: Option<AuthMode>,

    /// How often one caller may call: `aws` as with AWS, `200x` so many times as often, `off` for no limits [default: 200x]
    #[arg(long, env = "BERTH_RATE_LIMITS", value_name = "RATES")]
    #[serde(deserialize_with = "parsed")]
    pub rate_limits: Option<RateLimits>,

    /// The account that everything belongs to [default: 000000000000]
    #[arg(long, env = "BERTH_ACCOUNT", value_name = "ID")]
    #[serde(deserialize_with = "parsed")]
    pub account: Option<AccountId>,

    /// The region of this host's agent and of `berth env`; clients may name any [default: us-east-1]
    #[arg(long, env = "BERTH_REGION", value_name = "NAME")]
    #[serde(deserialize_with = "parsed")]
    pub region: Option<Region>,

    /// How long credentials of hosts are good, such as 1h or 15m [default: 1h]
    #[arg(long, env = "BERTH_HOST_CREDENTIALS", value_name = "TIME")]
    #[serde(deserialize_with = "parsed")]
    pub host_credentials: Option<Span>,

    /// The keys of an issuer of OpenID Connect tokens, by which CI jobs get into roles; may be given more than once
    #[arg(
        long,
        env = "BERTH_OIDC_KEYS",
        value_name = "HTTPS://ISSUER=FILE",
        value_delimiter = ','
    )]
    pub oidc_keys: Vec<IssuerKeys>,

    /// How long credentials of tasks' roles are good; they are renewed when half of that has passed [default: 6h]
    #[arg(long, env = "BERTH_ROLE_CREDENTIALS", value_name = "TIME")]
    #[serde(deserialize_with = "parsed")]
    pub role_credentials: Option<Span>,

    /// How long an agent may be silent before it is shown as disconnected [default: 75s]
    #[arg(long, env = "BERTH_AGENT_SILENCE", value_name = "TIME")]
    #[serde(deserialize_with = "parsed")]
    pub agent_silence: Option<Span>,

    /// How long after that its host is taken for lost, and its tasks are ended; or `never` [default: 10m]
    #[arg(long, env = "BERTH_LOST_AFTER", value_name = "TIME")]
    #[serde(deserialize_with = "parsed")]
    pub lost_after: Option<Limit>,

    /// How long a service's task without a health check runs before it counts as healthy; `1s` for quick
    /// rollouts in tests [default: 40s]
    #[arg(long, env = "BERTH_TASK_WARM_UP", value_name = "TIME")]
    #[serde(deserialize_with = "parsed")]
    pub task_warm_up: Option<Span>,

    /// The quotas to hold clients to; the file can set each by itself [default: today]
    #[arg(long, env = "BERTH_LIMITS", value_name = "PROFILE")]
    #[serde(skip)]
    pub limits: Option<LimitProfile>,

    /// From the file alone.
    #[arg(skip)]
    #[serde(rename = "limits")]
    pub limit_rows: LimitRows,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMode {
    Enforce,
    Open,
}

impl AuthMode {
    pub fn as_str(self) -> &'static str {
        match self {
            AuthMode::Enforce => "enforce",
            AuthMode::Open => "open",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    pub listen: SocketAddr,
    pub advertise: Option<String>,
    pub tls: TlsOptions,
    pub store: StoreChoice,
    pub etcd: EtcdFlags,
    pub root_key_file: Option<PathBuf>,
    /// How long each seals.
    pub data_keys: Duration,
    /// None at all if it is 0.
    pub audit_mib: u32,
    pub auth: AuthMode,
    pub rate_limits: RateLimits,
    pub account: AccountId,
    pub region: Region,
    pub host_credentials: Duration,
    pub oidc_keys: Vec<IssuerKeys>,
    pub patience: Patience,
    pub limits: Limits,
    /// Whether this process carries load balancers too.
    pub proxy_beside: bool,
}

impl ServerOptions {
    pub fn or(self, file: ServerOptions) -> ServerOptions {
        ServerOptions {
            listen: self.listen.or(file.listen),
            advertise: self.advertise.or(file.advertise),
            tls: self.tls.or(file.tls),
            store: self.store.or(file.store),
            etcd: self.etcd.or(file.etcd),
            root_key_file: self.root_key_file.or(file.root_key_file),
            data_keys: self.data_keys.or(file.data_keys),
            audit_mib: self.audit_mib.or(file.audit_mib),
            auth: self.auth.or(file.auth),
            rate_limits: self.rate_limits.or(file.rate_limits),
            account: self.account.or(file.account),
            region: self.region.or(file.region),
            host_credentials: self.host_credentials.or(file.host_credentials),
            oidc_keys: match self.oidc_keys.is_empty() {
                true => file.oidc_keys,
                false => self.oidc_keys,
            },
            role_credentials: self.role_credentials.or(file.role_credentials),
            agent_silence: self.agent_silence.or(file.agent_silence),
            lost_after: self.lost_after.or(file.lost_after),
            task_warm_up: self.task_warm_up.or(file.task_warm_up),
            limits: self.limits,
            limit_rows: file.limit_rows,
        }
    }

    pub fn settle(self) -> ServerSettings {
        let account = || ACCOUNT.parse().expect("twelve digits are an account");
        let region = || REGION.parse().expect("us-east-1 is a region");
        let patience = Patience::default();
        ServerSettings {
            listen: self.listen.unwrap_or(LISTEN),
            advertise: self.advertise,
            tls: self.tls,
            store: self.store.unwrap_or(StoreChoice::Embedded),
            etcd: self.etcd,
            root_key_file: self.root_key_file,
            data_keys: self.data_keys.map_or(DATA_KEYS, |Span(span)| span),
            audit_mib: self.audit_mib.unwrap_or(AUDIT_MIB),
            auth: self.auth.unwrap_or(AuthMode::Enforce),
            rate_limits: self.rate_limits.unwrap_or(RateLimits::GENEROUS),
            account: self.account.unwrap_or_else(account),
            region: self.region.unwrap_or_else(region),
            host_credentials: self.host_credentials.map_or(HOST_CREDENTIALS, |span| span.0),
            oidc_keys: self.oidc_keys,
            patience: Patience {
                agent_silence: self.agent_silence.map_or(patience.agent_silence, |Span(span)| span),
                lost_after: self.lost_after.map_or(patience.lost_after, Limit::duration),
                task_warm_up: self.task_warm_up.map_or(patience.task_warm_up, |Span(span)| span),
                role_credentials: self
                    .role_credentials
                    .map_or(patience.role_credentials, |Span(span)| span),
            },
            limits: self.limit_rows.settle(self.limits),
            proxy_beside: false,
        }
    }
}
