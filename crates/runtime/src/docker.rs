//! Docker Engine, over its unix socket.
//!
//! Each call of the trait is one request to the engine, and one more only where the engine's answer
//! lacks what the trait promises (dynamic ports, an image's digest). Nothing is cached that the engine
//! could change. Every request has its time limit ([`Timeouts`]), so an engine that hangs costs a caller
//! that long and no more.
//!
//! Start with `connection.rs` (how requests are made), then `body.rs` (spec to Docker's JSON) and
//! `state.rs` (Docker's JSON to state).

mod body;
mod cgroup;
mod connection;
mod events;
mod failure;
mod groups;
mod images;
mod load;
mod look;
mod pull;
mod state;
mod stats;
mod summary;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use berth_model::Timestamp;
use bollard::models::{SystemInfoCgroupVersionEnum, VolumeCreateRequest};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder, RemoveVolumeOptions,
    StartContainerOptions, StopContainerOptionsBuilder,
};
use tokio::sync::OnceCell;

use self::connection::Connection;
use self::groups::Groups;
use self::stats::Meters;
use crate::{
    CgroupVersion, ContainerSpec, ContainerState, ContainerStats, Disks, ErrorKind, Glimpse,
    GroupSpec, HeldImage, Image, MemoryBytes, OWNER_LABEL, PortSpec, RegistryAuth, Runtime,
    RuntimeError, RuntimeEvents, RuntimeId, RuntimeInfo, Started, Verb, VolumeSpec,
};

/// A connection to an engine; clones share it.
#[derive(Clone)]
pub struct DockerRuntime {
    shared: Arc<Shared>,
}

#[derive(Clone, Debug)]
pub struct DockerOptions {
    pub socket: PathBuf,
    /// Goes into the owner label of all that is made here; `list` and `events` see nothing else.
    pub owner: String,
    pub timeouts: Timeouts,
}

/// How long a request may take before it counts as hanging.
#[derive(Clone, Debug)]
pub struct Timeouts {
    /// Questions: info, inspect, list, stats, and volumes.
    pub question: Duration,
    pub create: Duration,
    pub start: Duration,
    /// Beyond the grace period of a stop.
    pub stop: Duration,
    pub remove: Duration,
    /// Between two signs of life of a pull or load, which itself may take as long as it likes.
    pub silence: Duration,
}

struct Shared {
    connection: Connection,
    owner: String,
    timeouts: Timeouts,
    /// Ports of what was created here and not started yet: if all are fixed, a start need not look.
    awaited: Mutex<BTreeMap<RuntimeId, Vec<PortSpec>>>,
    /// Containers that we have stopped: if they were killed, we know why.
    stopped: Mutex<BTreeSet<RuntimeId>>,
    meters: Meters,
    groups: Groups,
    /// Where the engine has its data, once it has said so: it tells this among much that takes it long to find out.
    data_root: OnceCell<Option<String>>,
}

impl DockerOptions {
    pub fn new(socket: impl Into<PathBuf>, owner: impl Into<String>) -> Self {
        Self { socket: socket.into(), owner: owner.into(), timeouts: Timeouts::default() }
    }
}

/// AWS: those of the ECS agent, where it has one.
impl Default for Timeouts {
    fn default() -> Self {
        Self {
            question: Duration::from_secs(30),
            create: Duration::from_secs(240),
            start: Duration::from_secs(180),
            stop: Duration::from_secs(120),
            remove: Duration::from_secs(300),
            silence: Duration::from_secs(120),
        }
    }
}

impl DockerRuntime {
    /// Nothing is asked of the engine yet: it may well be down, and come up later.
    pub fn new(options: DockerOptions) -> Self {
        Self {
            shared: Arc::new(Shared {
                connection: Connection::new(options.socket),
                owner: options.owner,
                timeouts: options.timeouts,
                awaited: Mutex::default(),
                stopped: Mutex::default(),
                meters: Meters::default(),
                groups: Groups::default(),
                data_root: OnceCell::new(),
            }),
        }
    }

    fn timeouts(&self) -> &Timeouts {
        &self.shared.timeouts
    }

    /// Makes one request: waits for a client, then for the answer, together no longer than `limit`.
    async fn ask<T, F>(
        &self,
        verb: Verb,
        limit: Duration,
        request: impl FnOnce(bollard::Docker) -> F + Send,
    ) -> Result<T, RuntimeError>
    where
        F: Future<Output = Result<T, bollard::errors::Error>> + Send,
    {
        let answer = async {
            let docker = self.shared.connection.docker().await?;
            request(docker).await
        };
        match tokio::time::timeout(limit, answer).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                let failure = failure::translate(verb, error);
                if failure.kind() == ErrorKind::Unreachable {
                    // Whatever engine answers next may be another version.
                    self.shared.connection.forget();
                    self.shared.groups.forget();
                }
                Err(failure)
            }
            Err(_) => Err(RuntimeError::new(
                verb,
                ErrorKind::Timeout(limit),
                "the engine does not answer",
            )),
        }
    }

    /// `{"label": ["berth.owner=…"]}`: the filter for what is ours.
    fn ours(&self) -> HashMap<String, Vec<String>> {
        HashMap::from([("label".to_owned(), vec![format!("{OWNER_LABEL}={}", self.shared.owner)])])
    }

    // Both collections are whole between any two statements, so a panic elsewhere cannot have broken them.

    fn awaited(&self) -> MutexGuard<'_, BTreeMap<RuntimeId, Vec<PortSpec>>> {
        self.shared.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopped(&self) -> MutexGuard<'_, BTreeSet<RuntimeId>> {
        self.shared.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Runtime for DockerRuntime {
    async fn info(&self) -> Result<RuntimeInfo, RuntimeError> {
        let limit = self.timeouts().question;
        let version =
            self.ask(Verb::Info, limit, |docker| async move { docker.version().await }).await?;
        let info = self.ask(Verb::Info, limit, |docker| async move { docker.info().await }).await?;
        let plugins = info.plugins.unwrap_or_default();
        let cgroup_version = match info.cgroup_version {
            Some(SystemInfoCgroupVersionEnum::_2) => CgroupVersion::V2,
            _ => CgroupVersion::V1,
        };
        let cgroup_driver = info.cgroup_driver.map(|driver| driver.to_string()).unwrap_or_default();
        self.shared.groups.learn(cgroup_version, &cgroup_driver);
        // Whoever asked first has set it already, to the same.
        let _ = self.shared.data_root.set(info.docker_root_dir.clone());
        Ok(RuntimeInfo {
            name: "docker",
            version: version.version.unwrap_or_default(),
            api_version: version.api_version.unwrap_or_default(),
            os_type: info.os_type.unwrap_or_default(),
            architecture: info.architecture.unwrap_or_default(),
            operating_system: info.operating_system.unwrap_or_default(),
            kernel_version: info.kernel_version.unwrap_or_default(),
            cpus: info.ncpu.and_then(|cpus| u32::try_from(cpus).ok()).unwrap_or(0),
            memory: MemoryBytes::from_bytes(
                info.mem_total.and_then(|total| u64::try_from(total).ok()).unwrap_or(0),
            ),
            cgroup_version,
            cgroup_driver,
            has_groups: self.can_group().await,
            storage_driver: info.driver.unwrap_or_default(),
            runtimes: runtimes(info.runtimes),
            log_drivers: plugins.log.unwrap_or_default(),
            volume_drivers: plugins.volume.unwrap_or_default(),
            security_options: info.security_options.unwrap_or_default(),
        })
    }

    async fn pull(&self, image: &str, auth: Option<RegistryAuth>) -> Result<Image, RuntimeError> {
        self.pull_image(image, auth).await
    }

    async fn image(&self, image: &str) -> Result<Option<Image>, RuntimeError> {
        let inspected = self
            .ask(Verb::InspectImage, self.timeouts().question, |docker| async move {
                docker.inspect_image(image).await
            })
            .await;
        absent_is_none(inspected).map(|found| found.map(|found| state::image(image, found)))
    }

    async fn images(&self) -> Result<Vec<HeldImage>, RuntimeError> {
        self.held_images().await
    }

    async fn remove_image(&self, name_or_id: &str) -> Result<(), RuntimeError> {
        self.drop_image(name_or_id).await
    }

    async fn disks(&self) -> Result<Disks, RuntimeError> {
        self.look_at_disks().await
    }

    async fn load(&self, image: &str, archive: Vec<u8>) -> Result<Image, RuntimeError> {
        self.load_image(archive).await?;
        let loaded = self.image(image).await?;
        loaded.ok_or_else(|| {
            let message = format!("the archive holds no image of the name {image}");
            RuntimeError::new(Verb::LoadImage, ErrorKind::Invalid, message)
        })
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<RuntimeId, RuntimeError> {
        spec.check()?;
        let mut body = body::create_body(spec, &self.shared.owner)?;
        if !spec.gpus.is_empty() {
            body::give_gpus(&mut body, &spec.gpus, &self.info().await?.runtimes);
        }
        let options = CreateContainerOptionsBuilder::new().name(&spec.name).build();
        let created = self
            .ask(Verb::Create, self.timeouts().create, |docker| async move {
                docker.create_container(Some(options), body).await
            })
            .await?;
        for warning in &created.warnings {
            tracing::warn!(container = spec.name, warning, "the engine warns about a container");
        }
        let id = RuntimeId::new(created.id);
        self.awaited().insert(id.clone(), spec.ports.clone());
        Ok(id)
    }

    async fn start(&self, id: &RuntimeId) -> Result<Started, RuntimeError> {
        self.stopped().remove(id);
        self.ask(Verb::Start, self.timeouts().start, |docker| async move {
            docker.start_container(id.as_str(), None::<StartContainerOptions>).await
        })
        .await?;
        let started_at = now();
        let ports = self.awaited().remove(id);
        if let Some(ports) = ports.as_deref().and_then(state::fixed_bindings) {
            return Ok(Started { started_at, ports, addresses: Vec::new(), pid: None });
        }
        // The engine chose host ports, or the container is from another life of ours: look.
        match self.inspect(id).await? {
            Some(state) => {
                // Usage will be asked for, and would need the same look.
                self.shared.meters.find(id, &state);
                Ok(Started {
                    started_at: state.started_at().unwrap_or(started_at),
                    pid: state.pid(),
                    ports: state.ports,
                    addresses: state.addresses,
                })
            }
            None => Err(RuntimeError::new(
                Verb::Start,
                ErrorKind::NotFound,
                format!("No such container: {id}"),
            )),
        }
    }

    async fn stop(&self, id: &RuntimeId, grace: Duration) -> Result<(), RuntimeError> {
        // Docker counts whole seconds; cutting a program short is worse than waiting a moment longer.
        let seconds = i32::try_from(grace.as_secs() + u64::from(grace.subsec_nanos() > 0))
            .unwrap_or(i32::MAX);
        let options = StopContainerOptionsBuilder::new().t(seconds).build();
        self.stopped().insert(id.clone());
        self.ask(Verb::Stop, grace.saturating_add(self.timeouts().stop), |docker| async move {
            docker.stop_container(id.as_str(), Some(options)).await
        })
        .await
    }

    async fn remove(&self, id: &RuntimeId) -> Result<(), RuntimeError> {
        let options = RemoveContainerOptionsBuilder::new().v(true).force(true).build();
        let removed = self
            .ask(Verb::Remove, self.timeouts().remove, |docker| async move {
                docker.remove_container(id.as_str(), Some(options)).await
            })
            .await;
        absent_is_none(removed)?;
        self.awaited().remove(id);
        self.stopped().remove(id);
        self.shared.meters.forget(id);
        Ok(())
    }

    async fn inspect(&self, id: &RuntimeId) -> Result<Option<ContainerState>, RuntimeError> {
        self.settled(id).await
    }

    async fn list(&self) -> Result<Vec<ContainerState>, RuntimeError> {
        self.list_ours().await
    }

    async fn survey(&self) -> Result<Vec<Glimpse>, RuntimeError> {
        self.survey_ours().await
    }

    fn events(&self) -> RuntimeEvents {
        self.event_stream()
    }

    async fn stats(&self, id: &RuntimeId) -> Result<ContainerStats, RuntimeError> {
        self.read_stats(id).await
    }

    async fn create_volume(&self, spec: &VolumeSpec) -> Result<(), RuntimeError> {
        let mut labels: HashMap<String, String> = spec.labels.clone().into_iter().collect();
        labels.insert(OWNER_LABEL.to_owned(), self.shared.owner.clone());
        let request = VolumeCreateRequest {
            name: Some(spec.name.clone()),
            driver: spec.driver.clone(),
            driver_opts: Some(spec.driver_options.clone().into_iter().collect()),
            labels: Some(labels),
            ..VolumeCreateRequest::default()
        };
        self.ask(Verb::CreateVolume, self.timeouts().question, |docker| async move {
            docker.create_volume(request).await
        })
        .await
        .map(drop)
    }

    async fn remove_volume(&self, name: &str) -> Result<(), RuntimeError> {
        let removed = self
            .ask(Verb::RemoveVolume, self.timeouts().question, |docker| async move {
                docker.remove_volume(name, None::<RemoveVolumeOptions>).await
            })
            .await;
        absent_is_none(removed).map(drop)
    }

    async fn ensure_group(&self, spec: &GroupSpec) -> Result<String, RuntimeError> {
        self.make_group(spec).await
    }

    async fn remove_group(&self, name: &str) -> Result<(), RuntimeError> {
        self.unmake_group(name).await
    }

    async fn groups(&self) -> Result<Vec<String>, RuntimeError> {
        self.find_groups().await
    }
}

/// In order, so that the same engine always says the same.
fn runtimes(found: Option<HashMap<String, bollard::models::Runtime>>) -> Vec<String> {
    let mut names: Vec<String> = found.unwrap_or_default().into_keys().collect();
    names.sort_unstable();
    names
}

fn absent_is_none<T>(answer: Result<T, RuntimeError>) -> Result<Option<T>, RuntimeError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::EPOCH + since
}
