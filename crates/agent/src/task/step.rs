//! The acts of a task on the runtime, each a future that owns all it needs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use berth_model::Timestamp;
use berth_runtime::{
    ContainerState, ErrorKind, GroupSpec, Image, RuntimeError, RuntimeId, Started,
};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::definition::ContainerDefinition;
use super::pause;
use super::preparation::{Circumstances, Unprepared, prepare};
use super::register::Parts;
use crate::host::Host;
use crate::images::{self, Images};
use crate::labels;
use crate::persist::{until_done, while_unreachable};

/// How long a volume of a task that is gone may be in use by somebody else before it is left to them.
const VOLUME_PATIENCE: Duration = Duration::from_secs(10 * 60);

/// How many runs of host ports are tried for a container before it has failed.
const PROPOSALS: u32 = 20;

/// What became of an act.
#[derive(Debug)]
pub(super) enum Outcome {
    Pulled {
        since: Timestamp,
        result: Result<Image, Arc<RuntimeError>>,
    },
    Created(Result<RuntimeId, Uncreated>),
    Started(Result<Started, RuntimeError>),
    /// As `Started`, by whatever container there is now: the one that was to be started may be gone.
    StartedAs {
        id: Option<RuntimeId>,
        result: Result<Started, Uncreated>,
    },
    /// It was stopped, and this is what the runtime says of it now.
    Stopped(Option<Box<ContainerState>>),
    Removed,
    /// What the runtime says of it; `None` if there is no such container.
    Looked(Option<Box<ContainerState>>),
    /// Nothing of the task's own is left beside its containers.
    Cleared,
}

/// Why there is no container.
#[derive(Debug, thiserror::Error)]
pub(super) enum Uncreated {
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    #[error(transparent)]
    Unprepared(#[from] Unprepared),
}

impl Uncreated {
    /// In ECS's form.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Runtime(error) => error.reason(),
            Self::Unprepared(error) => error.to_string(),
        }
    }
}

pub(super) async fn pull(
    host: Arc<Host>,
    images: Arc<Images>,
    container: Arc<ContainerDefinition>,
) -> Outcome {
    let since = host.now();
    Outcome::Pulled { since, result: bring(&host, &images, &container).await }
}

async fn bring(
    host: &Host,
    images: &Arc<Images>,
    container: &ContainerDefinition,
) -> Result<Image, Arc<RuntimeError>> {
    match container.is_internal {
        true => pause::bring(host).await.map_err(Arc::new),
        false => images.fetch(&container.wanted()).await,
    }
}

/// The group that a task's containers are in, made by the first of them that needs it.
pub(super) struct Group {
    spec: Option<GroupSpec>,
    parent: OnceCell<String>,
}

impl Group {
    pub(super) fn new(spec: Option<GroupSpec>) -> Self {
        Self { spec, parent: OnceCell::new() }
    }

    async fn parent(&self, host: &Host) -> Result<Option<String>, RuntimeError> {
        let Some(spec) = &self.spec else { return Ok(None) };
        let make = || while_unreachable(host, || host.runtime.ensure_group(spec));
        self.parent.get_or_try_init(make).await.cloned().map(Some)
    }
}

pub(super) async fn create(
    parts: Arc<Parts>,
    group: Arc<Group>,
    container: ContainerDefinition,
    circumstances: Circumstances,
    labels: BTreeMap<String, String>,
) -> Outcome {
    Outcome::Created(try_create(&parts, &group, &container, &circumstances, labels).await)
}

async fn try_create(
    parts: &Parts,
    group: &Group,
    container: &ContainerDefinition,
    circumstances: &Circumstances,
    labels: BTreeMap<String, String>,
) -> Result<RuntimeId, Uncreated> {
    let Parts { host, images, .. } = parts;
    let mut spec = prepare(host, container, circumstances).await?;
    for volume in &container.volumes {
        while_unreachable(host, || host.runtime.create_volume(volume)).await?;
    }
    spec.cgroup_parent = group.parent(host).await?;
    host.ports.map(&mut spec, &container.port_ranges)?;
    labels::put_on(&mut spec.labels, labels);
    let make = || while_unreachable(host, || host.runtime.create(&spec));
    let made = match make().await {
        // The image was removed since we looked: bring it again, once.
        Err(error) if images::is_missing(&error) => {
            images.forget(&spec.image);
            match bring(host, images, container).await {
                Ok(_) => make().await,
                Err(cause) => {
                    let cause = RuntimeError::new(cause.verb(), cause.kind(), cause.message());
                    return Err(cause.into());
                }
            }
        }
        made => made,
    };
    match made {
        // An answer was lost: the container is there, under the name that only this task gives.
        Err(error) if error.kind() == ErrorKind::Conflict => {
            let ours = while_unreachable(host, || host.runtime.survey()).await?;
            match ours.into_iter().find(|seen| seen.name == spec.name) {
                Some(seen) => {
                    parts.access.learn(&seen.labels);
                    Ok(seen.id)
                }
                None => Err(error.into()),
            }
        }
        Err(error) => {
            remove_what_was_made(host, &spec.name).await;
            Err(error.into())
        }
        Ok(id) => Ok(id),
    }
}

/// The engine failed at it, and may have done it all the same: an agent that starts later would take it for a container that
/// is still to be started.
async fn remove_what_was_made(host: &Host, name: &str) {
    until_done(host, || async {
        let ours = host.runtime.survey().await?;
        match ours.into_iter().find(|seen| seen.name == name) {
            Some(seen) => host.runtime.remove(&seen.id).await,
            None => Ok(()),
        }
    })
    .await;
}

pub(super) async fn start(host: Arc<Host>, group: Arc<Group>, id: RuntimeId) -> Outcome {
    Outcome::Started(try_start(&host, &group, &id).await)
}

/// Starts a container that has ranges of ports. What was proposed for them may be taken: then it is made anew
/// with others.
pub(super) async fn start_in_ranges(
    parts: Arc<Parts>,
    group: Arc<Group>,
    container: ContainerDefinition,
    circumstances: Circumstances,
    labels: BTreeMap<String, String>,
    mut id: RuntimeId,
) -> Outcome {
    let host = &parts.host;
    let mut proposals = 1;
    loop {
        match try_start(host, &group, &id).await {
            Err(error) if error.kind() == ErrorKind::PortInUse && proposals < PROPOSALS => {
                tracing::info!(container = %container.name, %error, "looking for other ports");
            }
            result => {
                return Outcome::StartedAs {
                    id: Some(id),
                    result: result.map_err(Uncreated::from),
                };
            }
        }
        until_done(host, || host.runtime.remove(&id)).await;
        match try_create(&parts, &group, &container, &circumstances, labels.clone()).await {
            Ok(made) => id = made,
            Err(error) => return Outcome::StartedAs { id: None, result: Err(error) },
        }
        proposals += 1;
    }
}

async fn try_start(host: &Host, group: &Group, id: &RuntimeId) -> Result<Started, RuntimeError> {
    let started = match group.parent(host).await {
        // It may have been made before the host was booted anew, which took the group away.
        Ok(_) => start_once(host, id).await,
        Err(error) => Err(error),
    };
    if started.is_err() {
        // The engine failed at it, and may have done it all the same: its room is free only when it does not run.
        stop_for_certain(host, id, Duration::ZERO).await;
    }
    started
}

/// Starts it, and does not start it again because an answer was lost: what was started may have ended meanwhile, and
/// another start would be another run.
async fn start_once(host: &Host, id: &RuntimeId) -> Result<Started, RuntimeError> {
    let asked_at = host.now();
    let mut is_first = true;
    while_unreachable(host, || {
        let may_have_started = !std::mem::take(&mut is_first);
        async move {
            if may_have_started
                && let Some(state) = host.runtime.inspect(id).await?
                && let Some(started_at) = state.started_at().filter(|at| *at >= asked_at)
            {
                let pid = state.pid();
                return Ok(Started {
                    started_at,
                    pid,
                    ports: state.ports,
                    addresses: state.addresses,
                });
            }
            host.runtime.start(id).await
        }
    })
    .await
}

async fn stop_for_certain(host: &Host, id: &RuntimeId, grace: Duration) {
    until_done(host, || async {
        match host.runtime.stop(id, grace).await {
            // Somebody removed it, which ended it too.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            answer => answer,
        }
    })
    .await;
}

pub(super) async fn stop(host: Arc<Host>, id: RuntimeId, grace: Duration) -> Outcome {
    stop_for_certain(&host, &id, grace).await;
    Outcome::Stopped(until_done(&host, || host.runtime.inspect(&id)).await.map(Box::new))
}

pub(super) async fn remove(host: Arc<Host>, id: RuntimeId) -> Outcome {
    until_done(&host, || host.runtime.remove(&id)).await;
    Outcome::Removed
}

pub(super) async fn look(host: Arc<Host>, id: RuntimeId) -> Outcome {
    Outcome::Looked(until_done(&host, || host.runtime.inspect(&id)).await.map(Box::new))
}

async fn remove_volume(host: &Host, name: &str) {
    let give_up_at = Instant::now() + VOLUME_PATIENCE;
    until_done(host, || async {
        match host.runtime.remove_volume(name).await {
            Err(error) if error.kind() == ErrorKind::Conflict && give_up_at <= Instant::now() => {
                tracing::warn!(volume = name, %error, "a stopped task's volume stays: others use it");
                Ok(())
            }
            answer => answer,
        }
    })
    .await;
}

pub(super) async fn clear(host: Arc<Host>, volumes: Vec<String>, group: Arc<Group>) -> Outcome {
    for name in volumes {
        remove_volume(&host, &name).await;
    }
    if let Some(spec) = &group.spec {
        until_done(&host, || host.runtime.remove_group(&spec.name)).await;
    }
    Outcome::Cleared
}

pub(super) async fn remove_router_files(host: Arc<Host>, task_ids: Vec<String>) {
    for task_id in task_ids {
        if let Err(error) = host.options.router_files.remove(&task_id).await {
            // The next agent of this host tries once more.
            tracing::warn!(task_id, %error, "a log router's files stay behind");
        }
    }
}
