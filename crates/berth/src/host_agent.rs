//! This host's agent: the runtime it drives, the control plane it serves, who it is, what it remembers.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use berth_agent::{
    Agent, Clock, CredentialProvider, DiskRouterFiles, EngineDoors, FileMemory, Handle, HostCalls,
    HostDoors, HostIdentity, HostNetwork, HttpControlPlane, Instance, InstanceMetadata, Options,
    RotatingCredentials, SystemClock,
};
use berth_agent_protocol::hosts::HostType;
use berth_runtime::fake::{FakeEngine, FakeImage, FakeOptions, Script};
use berth_runtime::{DockerOptions, DockerRuntime, Runtime};
use tokio_util::sync::CancellationToken;

use crate::data_dir::DataDir;
use crate::docker_host;
use crate::exit::Usage;
use crate::host_access::{Grants, HostAccess};
use crate::machine::Machine;
use crate::membership::{Membership, hostname};
use crate::remote::Remote;
use crate::settings::{HostSettings, RuntimeChoice};

/// An agent that is ready to join its cluster.
pub struct HostAgent {
    host: HostSettings,
    control_plane: Remote,
    access: HostAccess,
    engine: Engine,
    router_files: PathBuf,
    membership: Membership,
}

/// How one life of the agent ended.
enum End {
    Stopped,
    /// The control plane does not know the host any more, and there is a way in again.
    PutOut,
}

impl HostAgent {
    /// An engine or a control plane that is not there yet will be waited for.
    pub fn new(
        host: HostSettings,
        control_plane: Remote,
        access: HostAccess,
        dir: &DataDir,
    ) -> Result<HostAgent> {
        let agent_dir = dir.agent_dir()?;
        // Containers carry it, so that an agent that comes back to this directory finds its own again,
        // and another one on the same engine lets them be.
        let owner = agent_dir.to_string_lossy().into_owned();
        Ok(HostAgent {
            engine: engine(host.runtime, owner)?,
            host,
            control_plane,
            access,
            router_files: agent_dir.join("firelens"),
            membership: Membership::new(dir.host_identity_file()?, agent_dir.join("agent.json")),
        })
    }

    /// Runs until told to stop. A control plane that will not have this host is an error.
    pub async fn run(self, stop: CancellationToken) -> Result<()> {
        match &self.access {
            HostAccess::Key(_) if self.host.instance_metadata.is_some() => Err(Usage::error(
                "--instance-metadata is for hosts that have joined, by --token or an activation",
            )),
            HostAccess::Key(key) => {
                let handle = self.start(key.clone(), false)?;
                attend(handle, &stop, std::future::pending()).await.map(drop)
            }
            HostAccess::Identity(grants) => self.run_as_host(grants, &stop).await,
        }
    }

    async fn run_as_host(&self, grants: &Grants, stop: &CancellationToken) -> Result<()> {
        let calls = HostCalls::new(self.control_plane.endpoint.clone())?;
        let mut put_out = false;
        loop {
            let identity = self.membership.identity(grants, &calls, put_out);
            let Some(identity) = stop.run_until_cancelled(identity).await else { return Ok(()) };
            let identity = identity?;
            let credentials = Arc::new(RotatingCredentials::start(identity.clone(), calls.clone()));
            let metadata = self.instance_metadata(&identity, credentials.clone()).await?;
            let external = HostType::of_id(identity.host_id()) == HostType::External;
            let handle = self.start(credentials.clone(), external)?;
            let is_unknown = async {
                let why = credentials.unknown().await;
                if !grants.can_replace(&identity) {
                    // The agent looks after its containers, and asks again from time to time.
                    std::future::pending::<()>().await;
                }
                tracing::warn!(host = identity.host_id(), why, "joining anew, as another host");
            };
            let ended = attend(handle, stop, is_unknown).await;
            if let Some(metadata) = metadata {
                metadata.stop().await;
            }
            match ended? {
                End::Stopped => return Ok(()),
                End::PutOut => put_out = true,
            }
        }
    }

    /// What programs on this host can ask, if that is wanted.
    async fn instance_metadata(
        &self,
        identity: &HostIdentity,
        credentials: Arc<RotatingCredentials>,
    ) -> Result<Option<InstanceMetadata>> {
        let Some(options) = self.host.instance_metadata.clone() else { return Ok(None) };
        let region = self.control_plane.region.to_string();
        let instance = Instance {
            id: identity.host_id().to_owned(),
            instance_type: self.host.instance_type.clone(),
            hostname: hostname(),
            availability_zone: self.host.zone(&self.control_plane.region),
            region: region.clone(),
        };
        let ssm = HttpControlPlane::new(self.control_plane.endpoint.clone(), region, credentials)?;
        let network = match self.host.runtime {
            RuntimeChoice::Docker => HostNetwork::OfEngine(docker_host::socket()?),
            RuntimeChoice::Fake | RuntimeChoice::None => HostNetwork::Own,
        };
        InstanceMetadata::start(options, instance, network, ssm).await.map(Some)
    }

    fn start(&self, credentials: impl CredentialProvider, external: bool) -> Result<Handle> {
        let HostSettings { cluster, instance_type, attributes, sources, .. } = &self.host;
        let Remote { endpoint, region } = &self.control_plane;
        let region = region.as_str();
        let credentials: Arc<dyn CredentialProvider> = Arc::new(credentials);
        let variable = |name: &str| std::env::var(name).ok();
        let sources = sources.clone().open(variable, &self.control_plane, &credentials)?;
        let ecs = HttpControlPlane::new(endpoint.clone(), region, credentials)?;
        let (runtime, doors) = self.engine.clone();
        let images = self.host.images.clone().open()?;
        // A pretended engine has nothing of this machine to give.
        let machine = match self.host.runtime {
            RuntimeChoice::Docker => Machine::look(),
            RuntimeChoice::Fake | RuntimeChoice::None => Machine::default(),
        };
        let usual = Options::new(cluster.to_string());
        let options = Options {
            doors,
            memory: Arc::new(FileMemory::new(self.membership.memory())),
            sources: Arc::new(sources),
            router_files: Arc::new(DiskRouterFiles::new(&self.router_files)),
            availability_zone: Some(self.host.zone(&self.control_plane.region)),
            instance_type: instance_type.clone(),
            external,
            capacity_provider: self.host.capacity_provider.as_ref().map(|name| name.to_string()),
            attributes: attributes.clone(),
            pull: images.pull,
            logins: images.logins,
            cleanup: images.cleanup,
            cleanup_after: images.cleanup_after.unwrap_or(usual.cleanup_after),
            gpus: self.host.gpus.clone().unwrap_or(machine.gpus),
            gpu_driver: machine.gpu_driver,
            dynamic_ports: self
                .host
                .dynamic_ports
                .clone()
                .or(machine.dynamic_ports)
                .unwrap_or_else(|| usual.dynamic_ports.clone()),
            ..usual
        };
        Ok(Agent::start(options, runtime, Arc::new(ecs)))
    }
}

/// Until told to stop, refused, or put out.
async fn attend(
    handle: Handle,
    stop: &CancellationToken,
    put_out: impl Future<Output = ()>,
) -> Result<End> {
    let refused = async {
        match handle.wait_registered().await {
            Err(error) => error,
            Ok(_) => std::future::pending().await,
        }
    };
    let end = tokio::select! {
        biased;
        () = stop.cancelled() => End::Stopped,
        () = put_out => End::PutOut,
        error = refused => bail!("this host cannot join: {error}"),
    };
    handle.stop().await;
    Ok(end)
}

/// What runs containers, and where those can ask the agent about themselves.
type Engine = (Arc<dyn Runtime>, Option<Arc<dyn HostDoors>>);

fn engine(choice: RuntimeChoice, owner: String) -> Result<Engine> {
    match choice {
        RuntimeChoice::Docker => {
            let socket = docker_host::socket()?;
            tracing::info!(socket = %socket.display(), "running containers in Docker Engine");
            let doors = Arc::new(EngineDoors::new(&socket));
            Ok((Arc::new(DockerRuntime::new(DockerOptions::new(socket, owner))), Some(doors)))
        }
        RuntimeChoice::Fake => {
            tracing::warn!("--runtime fake: tasks start and stop, but no container is real");
            let engine =
                FakeEngine::new(FakeOptions { epoch: SystemClock.now(), ..FakeOptions::default() });
            engine.publish_any(FakeImage::scripted(Script::serve()));
            Ok((Arc::new(engine.runtime(owner)), None))
        }
        RuntimeChoice::None => bail!("--runtime none leaves an agent without anything to do"),
    }
}

/// Creates the cluster that this host will join. One that is there is left as it is.
pub async fn ensure_cluster(host: &HostSettings, administrator: &HttpControlPlane) -> Result<()> {
    use berth_agent::ControlPlane;
    let input = serde_json::json!({ "clusterName": host.cluster.to_string() });
    let created = administrator.call("CreateCluster", input).await;
    created.map(drop).with_context(|| format!("cannot create cluster {}", host.cluster))
}
