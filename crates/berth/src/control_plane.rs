//! The control plane of this process: store, cell, services and the server in front of them.
//!
//! It is put together in the order in which things can go wrong cheaply: the address first, then the
//! data, and only when all of it stands does anybody get an answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use berth_control::audit::{Audit, Files, FilesOptions};
use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::health::{Condition, Health};
use berth_control::idempotency::{ClientToken, ExpireClientTokens};
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::{
    Authenticator, OpenAuthenticator, SigV4Authenticator, StaticCredentials,
};
use berth_control::pipeline::{EndpointBuilder, EndpointOptions};
use berth_control::reconcile::{self, Reconcilers};
use berth_control::sealing::{DataKey, Rotation, RotationSettings, Sealer};
use berth_control::server::{Drained, Listeners, PlainHttp, Server, ServerOptions, SocketLimits};
use berth_control::tables::Schema;
use berth_control::tls::AuthorityRoute;
use berth_ecs::{AGENT_OPERATIONS, Advertise, Ecs, RunsTasks};
use berth_hosts::{AGENT_ACTIONS, AgentAuthorizer, HostCredentials, Hosts};
use berth_identity::credentials::{AccessKeys, TemporaryKeys};
use berth_identity::sessions;
use berth_identity::web_identity::KeyFiles;
use berth_identity::{Identity, IdentityAuthorizer};
use berth_secrets::{Neighbours, Secrets};
use berth_store::Store;
use http::Method;
use tokio_util::sync::CancellationToken;

use crate::data_dir::{AccessKey, ClientConfig, DataDir};
use crate::settings::{AuthMode, ServerSettings};
use crate::store;
use crate::{open_files, tls};

/// A file of the audit that is this long is followed by another.
const AUDIT_FILE_BYTES: u64 = 64 << 20;
/// How long the audit's last lines may take to be written.
const AUDIT_PATIENCE: Duration = Duration::from_secs(5);

/// A control plane that answers.
pub struct ControlPlane {
    cell: Cell,
    server: Server,
    health: Health,
    reconcilers: Reconcilers,
    audit: Option<Files>,
    client: ClientConfig,
}

impl ControlPlane {
    pub async fn start(settings: ServerSettings, dir: &DataDir) -> Result<ControlPlane> {
        open_files::raise_limit();
        let listeners = Listeners::bind(&[settings.listen]).await.context("cannot listen")?;
        let address = listeners.addresses()[0];
        let tls = settings.tls.settle()?;
        // What this machine's clients are told. They may always use the other, too.
        let scheme = if tls.plain_http == PlainHttp::Never { "https" } else { "http" };
        let endpoint_url = format!("{scheme}://{}", reachable(address));

        let key = dir.administrator_or_new()?;
        let env = Env::system();
        let advertise = settings.advertise.as_deref();
        let (certificates, authority) =
            tls::open(&tls, listeners.addresses(), advertise, &dir.tls(), &env)?;
        let cell =
            open_cell(store::open(&settings.store, &settings.etcd, dir).await?, &env).await?;
        let root_key = dir.root_key_file(settings.root_key_file);
        let is_new = cell.snapshot().table::<DataKey>().is_empty();
        // What is sealed must open before anybody is served.
        let sealer = Sealer::open(&cell, Arc::new(root_key.keys(is_new)?), &env).await?;
        let metrics = Metrics::new();
        metrics.install()?;
        let health = Health::starting(env!("CARGO_PKG_VERSION"), settings.auth.as_str());
        let advertise = advertise.map_or(Advertise::AsCalled, Advertise::from);
        let key_files = settings.oidc_keys.into_iter().map(|keys| (keys.issuer, keys.file));
        let identity = Identity::with_key_files(
            cell.clone(),
            env.clone(),
            sealer.clone(),
            KeyFiles::new(key_files),
        );
        let role_lifetime = settings.patience.role_credentials;
        let hosts_settings =
            berth_hosts::Settings { credential_lifetime: settings.host_credentials, role_lifetime };
        let hosts = Hosts::new(cell.clone(), env.clone(), hosts_settings, identity.clone());
        // A socket falls silent before what it carries is given up.
        let ping = settings.patience.agent_silence / 3;
        let ecs = Ecs::with_roles(
            cell.clone(),
            env.clone(),
            settings.limits,
            settings.patience,
            advertise,
            identity.clone(),
        );
        let neighbours = Neighbours { tasks: RunsTasks::of(&ecs), principals: identity.clone() };
        let secrets = Secrets::among(neighbours, cell.clone(), env.clone(), sealer.clone());
        let rotation = RotationSettings {
            every: settings.data_keys,
            longest: sessions::LONGEST.max(role_lifetime),
        };
        let rotation = Rotation::new(sealer, cell.clone(), env.clone(), rotation);
        let rotation = berth_secrets::register_sealed(berth_identity::register_sealed(rotation));
        let mut reconcilers = Reconcilers::new(cell.clone(), env.clone());
        let tokens = ExpireClientTokens::new(cell.clone(), env.clone());
        reconcilers.start(Arc::new(tokens), reconcile::Options::default());
        reconcilers.start(Arc::new(rotation), reconcile::Options::default());
        ecs.start(&mut reconcilers);
        hosts.start(&mut reconcilers);
        identity.start(&mut reconcilers);
        secrets.start(&mut reconcilers);
        let (audit, audit_files) = audit(settings.audit_mib, dir, &env)?.unzip();
        let policies = IdentityAuthorizer::new(&identity);
        let authorizer = AgentAuthorizer::before(policies)
            .allow("ecs", AGENT_OPERATIONS)
            .allow("ssm", AGENT_ACTIONS);
        let mut builder = EndpointBuilder::new(EndpointOptions {
            env,
            account: settings.account,
            default_region: settings.region.clone(),
            authenticator: authenticator(settings.auth, &key, &hosts, &identity),
            authorizer: Arc::new(authorizer),
            metrics: metrics.clone(),
        })
        .service(ecs.service())
        .service(hosts.service())
        .service(identity.iam())
        .service(secrets.kms())
        .service(secrets.secretsmanager())
        .service(identity.sts())
        .service(secrets.parameter_store())
        .rate_limits(settings.rate_limits)
        .route(Method::GET, "/health", health.clone())
        .route(Method::GET, "/metrics", metrics.page([Arc::new(ecs.gauges()) as _]))
        .route(Method::GET, AuthorityRoute::PATH, authority);
        if let Some(audit) = audit {
            builder = builder.audit(audit);
        }
        let endpoint = builder.build()?;
        let sockets = SocketLimits { ping, ..SocketLimits::default() };
        let options = ServerOptions {
            sockets,
            certificates: Some(certificates),
            plain_http: tls.plain_http,
            ..ServerOptions::default()
        };
        let server = Server::serve(endpoint, listeners, options);

        let ca_bundle = (scheme == "https").then(|| dir.tls().authority_file());
        let client = ClientConfig { endpoint: endpoint_url, region: settings.region, ca_bundle };
        dir.write_client_config(&client)?;
        health.set(Condition::Ready);
        tracing::info!(%address, region = %client.region, account = %settings.account, "control plane ready");
        Ok(ControlPlane { cell, server, health, reconcilers, audit: audit_files, client })
    }

    /// How a client on this host reaches it.
    pub fn client(&self) -> &ClientConfig {
        &self.client
    }

    /// Serves until told to stop, then stops cleanly. A cell that ended by itself is an error.
    pub async fn run(self, stop: CancellationToken) -> Result<()> {
        let ended = tokio::select! {
            () = stop.cancelled() => None,
            error = self.cell.failed() => Some(error),
        };
        self.health.set(match &ended {
            None => Condition::Stopping,
            Some(error) => Condition::Failed(error.to_string()),
        });
        if self.server.shutdown().await == Drained::Cut {
            tracing::warn!("some requests took too long to finish and were cut");
        }
        if let Some(audit) = self.audit
            && tokio::time::timeout(AUDIT_PATIENCE, audit.finish()).await.is_err()
        {
            tracing::warn!("the last calls may not be in the audit");
        }
        self.reconcilers.shutdown().await;
        match ended {
            None => self.cell.close().await.context("the last writes may not be durable"),
            Some(error) => bail!("the control plane cannot go on: {error}"),
        }
    }
}

async fn open_cell(store: Arc<dyn Store>, env: &Env) -> Result<Cell> {
    let mut schema = Schema::new();
    schema.table::<ClientToken>();
    schema.table::<DataKey>();
    berth_ecs::register_tables(&mut schema, env);
    berth_hosts::register_tables(&mut schema);
    berth_identity::register_tables(&mut schema);
    berth_secrets::register_tables(&mut schema);
    Cell::open(store, schema).await.context("cannot load what the store holds")
}

fn audit(kept_mib: u32, dir: &DataDir, env: &Env) -> Result<Option<(Audit, Files)>> {
    if kept_mib == 0 {
        return Ok(None);
    }
    let kept_bytes = u64::from(kept_mib) << 20;
    let (folder, file_bytes) = (dir.audit_folder(), AUDIT_FILE_BYTES.min(kept_bytes));
    let options = FilesOptions { folder, file_bytes, kept_bytes };
    let started = Files::start(options, env.clock.clone());
    started.context("the audit cannot be written").map(Some)
}

fn authenticator(
    mode: AuthMode,
    key: &AccessKey,
    hosts: &Arc<Hosts>,
    identity: &Arc<Identity>,
) -> Arc<dyn Authenticator> {
    match mode {
        AuthMode::Enforce => {
            let keys = StaticCredentials::new().with_administrator(&key.id, &key.secret);
            Arc::new(
                SigV4Authenticator::new(keys)
                    .or(HostCredentials::of(hosts))
                    .or(AccessKeys::of(identity))
                    .or(TemporaryKeys::of(identity)),
            )
        }
        AuthMode::Open => {
            tracing::warn!(
                "--auth open: whoever reaches this server may do everything on every host of it"
            );
            Arc::new(OpenAuthenticator)
        }
    }
}

/// Listening everywhere includes listening on the loopback address.
fn reachable(address: SocketAddr) -> SocketAddr {
    let mut reachable = address;
    if address.ip().is_unspecified() {
        reachable.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    reachable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_everywhere_is_reached_at_home() {
        let reached = |address: &str| reachable(address.parse().expect("an address")).to_string();
        assert_eq!(reached("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(reached("[::]:80"), "[::1]:80");
        assert_eq!(reached("192.0.2.1:80"), "192.0.2.1:80");
    }
}
