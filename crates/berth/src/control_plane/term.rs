//! One life of a cell in this process: services, the endpoint, and the server in front of it; and, while the cell leads,
//! everything that works by itself.

use std::sync::Arc;

use anyhow::{Context, Result};
use berth_balancing::{Balancing, Issuer, KeptCertificates};
use berth_compute::Compute;
use berth_control::cell::{Cell, CellError, Standing};
use berth_control::idempotency::ExpireClientTokens;
use berth_control::pipeline::authenticate::{
    Authenticator, OpenAuthenticator, SigV4Authenticator, StaticCredentials,
};
use berth_control::pipeline::following::{FollowingOptions, HttpRelay};
use berth_control::pipeline::{EndpointBuilder, EndpointOptions};
use berth_control::reconcile::{self, Reconcilers};
use berth_control::sealing::{CellSecret, Rotation, RotationSettings, Sealer};
use berth_control::server::{Server, ServerOptions, SocketLimits};
use berth_control::tls::AuthorityRoute;
use berth_ecs::{AGENT_OPERATIONS, Advertise, Ecs, InstanceAddresses, Ports, RunsTasks};
use berth_hosts::{AGENT_ACTIONS, AgentAuthorizer, HostCredentials, Hosts};
use berth_identity::credentials::{AccessKeys, TemporaryKeys};
use berth_identity::sessions;
use berth_identity::web_identity::KeyFiles;
use berth_identity::{Identity, IdentityAuthorizer};
use berth_secrets::{Neighbours, Secrets};
use http::Method;

use super::cell_keys::CellKeys;
use super::ground::Ground;
use crate::buckets::Buckets;
use crate::data_dir::AccessKey;
use crate::settings::AuthMode;
use crate::tls;

pub struct Term {
    pub cell: Cell,
    pub server: Server,
    /// While it leads.
    pub reconcilers: Option<Reconcilers>,
    services: Services,
}

struct Services {
    balancing: Arc<Balancing>,
    compute: Arc<Compute>,
    ecs: Arc<Ecs>,
    hosts: Arc<Hosts>,
    identity: Arc<Identity>,
    secrets: Arc<Secrets>,
    sealer: Sealer,
}

impl Term {
    /// Only when all of it stands does anybody get an answer.
    pub async fn start(ground: &Ground) -> Result<Term> {
        let Ground { settings, env, dir, .. } = ground;
        let cell = ground.open_cell().await?;
        let keys = match &ground.own_address {
            None => CellKeys::of_directory(&cell, &ground.root_key, dir, env).await?,
            Some(_) => {
                let root = Arc::new(ground.root_key.keys(false)?);
                CellKeys::of_cell(&cell, root, dir, env).await?
            }
        };
        let CellKeys { administrator, authority, sealer, forwarding } = keys;
        let certificate = authority.certificate.clone();
        let advertise = settings.advertise.as_deref();
        let addresses = ground.listeners.addresses();
        let names = tls::names(&ground.tls, addresses, advertise);
        let issuer = Issuer::new(authority.authority.clone(), names);
        let (certificates, authority) =
            tls::open(&ground.tls, addresses, advertise, authority, env)?;
        if ground.own_address.is_some() {
            tokio::spawn(sealer.clone().keep_up(cell.clone()));
        }
        let services = Services::new(ground, &cell, sealer, issuer);
        let Services { balancing, compute, ecs, hosts, identity, secrets, sealer: _ } = &services;
        let authorizer = AgentAuthorizer::before(IdentityAuthorizer::new(identity))
            .allow("ecs", AGENT_OPERATIONS)
            .allow("elasticloadbalancing", berth_balancing::AGENT_ACTIONS)
            .allow("ssm", AGENT_ACTIONS);
        let collectors = ground.collectors.iter().cloned().chain([Arc::new(ecs.gauges()) as _]);
        let mut builder = EndpointBuilder::new(EndpointOptions {
            env: env.clone(),
            account: settings.account,
            default_region: settings.region.clone(),
            authenticator: authenticator(settings.auth, &administrator, hosts, identity),
            authorizer: Arc::new(authorizer),
            metrics: ground.metrics.clone(),
        })
        .service(ecs.service())
        .service(balancing.acm())
        .service(balancing.elbv2())
        .service(compute.ec2())
        .service(hosts.service())
        .service(identity.iam())
        .service(secrets.kms())
        .service(secrets.secretsmanager())
        .service(identity.sts())
        .service(secrets.parameter_store())
        .rate_limits(settings.rate_limits)
        .route(Method::GET, "/health", ground.health.clone())
        .route(Method::GET, "/metrics", ground.metrics.page(collectors))
        .route(Method::GET, AuthorityRoute::PATH, authority);
        if let Some(audit) = &ground.audit {
            builder = builder.audit(audit.clone());
        }
        if let (Some(own_address), Some(key)) = (&ground.own_address, forwarding) {
            builder = builder.following(FollowingOptions {
                cell: cell.clone(),
                own_address: own_address.clone(),
                relay: Arc::new(HttpRelay::new(&certificate)?),
                key,
            });
            ground.health.tell_of(cell.clone());
        }
        // A socket falls silent before what it carries is given up.
        let ping = settings.patience.agent_silence / 3;
        let options = ServerOptions {
            sockets: SocketLimits { ping, ..SocketLimits::default() },
            certificates: Some(certificates),
            plain_http: ground.tls.plain_http,
            ..ServerOptions::default()
        };
        let server = Server::serve(builder.build()?, ground.listeners.clone(), options);
        Ok(Term { cell, server, reconcilers: None, services })
    }

    /// Until the cell has ended; says why it did. Reconcilers run from when it leads.
    pub async fn run(&mut self, ground: &Ground) -> CellError {
        let standing =
            self.cell.until(|standing| !matches!(standing, Standing::Following { .. })).await;
        if let Standing::Ended(reason) = standing {
            return reason;
        }
        if ground.own_address.is_some()
            && let Err(error) = self.rewrap(ground).await
        {
            tracing::warn!(
                error = format!("{error:#}"),
                "data keys stay wrapped by an older root key"
            );
        }
        if self.reconcilers.is_none() {
            let mut reconcilers = Reconcilers::new(self.cell.clone(), ground.env.clone());
            self.services.start(&mut reconcilers, ground);
            self.reconcilers = Some(reconcilers);
        }
        self.cell.failed().await
    }

    /// What a follower could not do when it opened what is sealed.
    async fn rewrap(&self, ground: &Ground) -> Result<()> {
        let root = Arc::new(ground.root_key.keys(false)?);
        let sealer = Sealer::open(&self.cell, root, &ground.env).await;
        sealer.map(drop).context("what is sealed does not open")
    }
}

impl Services {
    fn new(ground: &Ground, cell: &Cell, sealer: Sealer, issuer: Issuer) -> Services {
        let Ground { settings, env, .. } = ground;
        let key_files = settings.oidc_keys.iter().cloned();
        let key_files = key_files.map(|keys| (keys.issuer, keys.file));
        let identity = Identity::with_key_files(
            cell.clone(),
            env.clone(),
            sealer.clone(),
            KeyFiles::new(key_files),
        );
        let hosts_settings = berth_hosts::Settings {
            credential_lifetime: settings.host_credentials,
            role_lifetime: settings.patience.role_credentials,
        };
        let hosts = Hosts::new(cell.clone(), env.clone(), hosts_settings, identity.clone());
        let compute = Compute::new();
        let neighbours = berth_balancing::Neighbours {
            certificates: Arc::new(KeptCertificates::new(sealer.clone())),
            issuer,
            networks: compute.clone(),
            objects: Arc::new(Buckets::of(&ground.dir)),
            hosts: Arc::new(InstanceAddresses),
            proxy_beside: settings.proxy_beside,
        };
        let limits = berth_balancing::Limits::default();
        let balancing =
            Balancing::new(cell.clone(), env.clone(), limits, sealer.clone(), neighbours);
        let advertise = settings.advertise.as_deref();
        let ecs = Ecs::with_ports(
            cell.clone(),
            env.clone(),
            settings.limits.clone(),
            settings.patience.clone(),
            advertise.map_or(Advertise::AsCalled, Advertise::from),
            Ports { roles: identity.clone(), balancing: balancing.clone() },
        );
        let neighbours = Neighbours { tasks: RunsTasks::of(&ecs), principals: identity.clone() };
        let secrets = Secrets::among(neighbours, cell.clone(), env.clone(), sealer.clone());
        Services { balancing, compute, ecs, hosts, identity, secrets, sealer }
    }

    fn start(&self, reconcilers: &mut Reconcilers, ground: &Ground) {
        let (cell, env) = (&self.ecs.cell, &ground.env);
        let tokens = ExpireClientTokens::new(cell.clone(), env.clone());
        reconcilers.start(Arc::new(tokens), reconcile::Options::default());
        let rotation = RotationSettings {
            every: ground.settings.data_keys,
            longest: sessions::LONGEST.max(ground.settings.patience.role_credentials),
        };
        let rotation = Rotation::new(self.sealer.clone(), cell.clone(), env.clone(), rotation);
        let rotation = berth_secrets::register_sealed(berth_identity::register_sealed(rotation));
        let rotation = berth_balancing::register_sealed(rotation);
        reconcilers.start(Arc::new(rotation.of::<CellSecret>()), reconcile::Options::default());
        self.ecs.start(reconcilers);
        self.balancing.start(reconcilers);
        self.hosts.start(reconcilers);
        self.identity.start(reconcilers);
        self.secrets.start(reconcilers);
    }
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
