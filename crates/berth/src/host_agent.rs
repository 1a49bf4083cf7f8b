//! This host's agent: the runtime it drives, the control plane it serves, what it remembers.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use berth_agent::{
    Agent, Clock, EngineDoors, FileMemory, Handle, HostDoors, HttpControlPlane, Options,
    SystemClock,
};
use berth_aws_protocol::sigv4::Credentials;
use berth_runtime::fake::{FakeEngine, FakeImage, FakeOptions, Script};
use berth_runtime::{DockerOptions, DockerRuntime, Runtime};
use tokio_util::sync::CancellationToken;

use crate::data_dir::DataDir;
use crate::docker_host;
use crate::settings::{EndpointSettings, HostSettings, RuntimeChoice};

/// An agent that has begun to join its cluster.
pub struct HostAgent(Handle);

impl HostAgent {
    /// Returns at once: an engine or a control plane that is not there yet is waited for.
    pub fn start(
        host: HostSettings,
        control_plane: &EndpointSettings,
        credentials: Credentials,
        dir: &DataDir,
    ) -> Result<HostAgent> {
        let agent_dir = dir.agent_dir()?;
        // Containers carry it, so that an agent that comes back to this directory finds its own again,
        // and another one on the same engine lets them be.
        let owner = agent_dir.to_string_lossy().into_owned();
        let (runtime, doors) = runtime(host.runtime, owner)?;
        let variable = |name: &str| std::env::var(name).ok();
        let sources = host.sources.open(variable, control_plane, &credentials)?;
        let region = control_plane.region.as_str();
        let ecs = HttpControlPlane::new(&control_plane.endpoint, region, credentials)?;
        let zone = host.availability_zone.unwrap_or_else(|| format!("{region}a"));
        let images = host.images.open()?;
        let usual = Options::new(host.cluster.to_string());
        let options = Options {
            doors,
            memory: Arc::new(FileMemory::new(agent_dir.join("agent.json"))),
            sources: Arc::new(sources),
            availability_zone: Some(zone),
            attributes: host.attributes,
            pull: images.pull,
            logins: images.logins,
            cleanup: images.cleanup,
            cleanup_after: images.cleanup_after.unwrap_or(usual.cleanup_after),
            ..usual
        };
        Ok(HostAgent(Agent::start(options, runtime, Arc::new(ecs))))
    }

    /// Runs until told to stop. A control plane that will not have this host is an error.
    pub async fn run(self, stop: CancellationToken) -> Result<()> {
        let HostAgent(handle) = self;
        let refused = async {
            match handle.wait_registered().await {
                Err(error) => error,
                Ok(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => {
                handle.stop().await;
                Ok(())
            }
            error = refused => bail!("this host cannot join: {error}"),
        }
    }
}

/// What runs containers, and where those can ask the agent about themselves.
type Engine = (Arc<dyn Runtime>, Option<Arc<dyn HostDoors>>);

fn runtime(choice: RuntimeChoice, owner: String) -> Result<Engine> {
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
pub async fn ensure_cluster(
    host: &HostSettings,
    control_plane: &EndpointSettings,
    credentials: Credentials,
) -> Result<()> {
    use berth_agent::ControlPlane;
    let ecs =
        HttpControlPlane::new(&control_plane.endpoint, control_plane.region.as_str(), credentials)?;
    let input = serde_json::json!({ "clusterName": host.cluster.to_string() });
    let created = ecs.call("CreateCluster", input).await;
    created.map(drop).with_context(|| format!("cannot create cluster {}", host.cluster))
}
