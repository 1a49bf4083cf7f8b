//! A container engine that exists only in memory: for tests of the agent, and for the simulator.
//!
//! A [`FakeEngine`] is the host's side: it lives as long as the host does and is where tests script
//! images, faults and restarts, and look at what runs. A [`FakeRuntime`] is one agent's connection to
//! it: dropping that (the agent dies) stops no container.
//!
//! All waiting is tokio time, and every choice comes from a seed, so under paused time one seed always
//! gives one history. The fake honours all modelled fields of a [`ContainerSpec`] and the `Healthcheck`
//! of its [`EngineConfig`](crate::EngineConfig); other engine parameters have no effect that a caller
//! could see here.

mod dice;
mod engine;
mod events;
mod faults;
mod ports;
mod script;
mod world;

#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;

pub use engine::{FakeContainer, FakeEngine, FakeOptions};
pub use script::{Demise, FakeImage, Program, Script, TermReaction};

use crate::{
    CgroupVersion, ContainerSpec, ContainerState, ContainerStats, Disks, ErrorKind, Glimpse,
    GroupSpec, HeldImage, Image, RegistryAuth, Runtime, RuntimeError, RuntimeEvents, RuntimeId,
    RuntimeInfo, Started, Verb, VolumeSpec,
};

/// One agent's connection to a [`FakeEngine`]; see [`FakeEngine::runtime`].
#[derive(Clone)]
pub struct FakeRuntime {
    engine: FakeEngine,
    owner: String,
}

#[async_trait]
impl Runtime for FakeRuntime {
    async fn info(&self) -> Result<RuntimeInfo, RuntimeError> {
        let options = self.engine.options().clone();
        self.engine
            .call(Verb::Info, move |_, _| {
                Ok(RuntimeInfo {
                    name: "fake",
                    version: "1".to_owned(),
                    api_version: "1".to_owned(),
                    os_type: "linux".to_owned(),
                    architecture: options.architecture,
                    operating_system: "Fake Linux".to_owned(),
                    kernel_version: "6.0.0".to_owned(),
                    cpus: options.cpus,
                    memory: options.memory,
                    cgroup_version: CgroupVersion::V2,
                    cgroup_driver: "cgroupfs".to_owned(),
                    has_groups: options.has_groups,
                    storage_driver: "memory".to_owned(),
                    runtimes: vec!["runc".to_owned()],
                    log_drivers: ["fluentd", "json-file", "none"].map(str::to_owned).to_vec(),
                    volume_drivers: vec!["local".to_owned()],
                    security_options: vec!["seccomp".to_owned()],
                })
            })
            .await
    }

    async fn pull(&self, image: &str, auth: Option<RegistryAuth>) -> Result<Image, RuntimeError> {
        let name = image.to_owned();
        let time = self.engine.world().pull_time(image);
        self.engine
            .call_taking(time, Verb::Pull, move |world, _| world.pull(&name, auth.as_ref()))
            .await
    }

    async fn image(&self, image: &str) -> Result<Option<Image>, RuntimeError> {
        let name = image.to_owned();
        self.engine.call(Verb::InspectImage, move |world, _| Ok(world.image(&name))).await
    }

    async fn images(&self) -> Result<Vec<HeldImage>, RuntimeError> {
        self.engine.call(Verb::ListImages, |world, _| Ok(world.held_images())).await
    }

    async fn remove_image(&self, name_or_id: &str) -> Result<(), RuntimeError> {
        let name = name_or_id.to_owned();
        self.engine.call(Verb::RemoveImage, move |world, _| world.remove_image(&name)).await
    }

    /// The fake's host has one file system for everything.
    async fn disks(&self) -> Result<Disks, RuntimeError> {
        let total = self.engine.options().disk;
        let disk =
            self.engine.call(Verb::Info, move |world, _| Ok(Some(world.disk(total)))).await?;
        Ok(Disks { root: disk, data: disk })
    }

    /// The fake does not look into archives: what is loaded serves until it is stopped.
    async fn load(&self, image: &str, _archive: Vec<u8>) -> Result<Image, RuntimeError> {
        let name = image.to_owned();
        self.engine
            .call(Verb::LoadImage, move |world, _| {
                world.load(&name, FakeImage::scripted(Script::serve()));
                let missing = || {
                    RuntimeError::new(Verb::LoadImage, ErrorKind::Failed, "the image is not there")
                };
                world.image(&name).ok_or_else(missing)
            })
            .await
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<RuntimeId, RuntimeError> {
        spec.check()?;
        let (spec, owner) = (spec.clone(), self.owner.clone());
        self.engine.call(Verb::Create, move |world, now| world.create(spec, &owner, now)).await
    }

    async fn start(&self, id: &RuntimeId) -> Result<Started, RuntimeError> {
        let time = self.engine.world().start_time(id);
        let (id, engine) = (id.clone(), self.engine.clone());
        self.engine
            .call_taking(time, Verb::Start, move |world, now| {
                let (started, fates) = world.start(&id, now)?;
                fates.into_iter().for_each(|fate| engine.schedule(fate));
                Ok(started)
            })
            .await
    }

    async fn stop(&self, id: &RuntimeId, grace: Duration) -> Result<(), RuntimeError> {
        let (target, engine) = (id.clone(), self.engine.clone());
        let ended = self
            .engine
            .call(Verb::Stop, move |world, _| {
                let Some((fate, ended)) = world.begin_stop(&target, grace)? else {
                    return Ok(None);
                };
                engine.schedule(fate);
                Ok(Some(ended))
            })
            .await?;
        let Some(mut ended) = ended else { return Ok(()) };
        let limit = grace + self.engine.options().call_timeout;
        match tokio::time::timeout(limit, ended.wait_for(|ended| *ended)).await {
            // A closed channel means that the container was removed meanwhile: it does not run either.
            Ok(_) => Ok(()),
            Err(_) => Err(RuntimeError::new(
                Verb::Stop,
                ErrorKind::Timeout(limit),
                "the container does not end",
            )),
        }
    }

    async fn remove(&self, id: &RuntimeId) -> Result<(), RuntimeError> {
        let id = id.clone();
        self.engine
            .call(Verb::Remove, move |world, now| {
                world.remove(&id, now);
                Ok(())
            })
            .await
    }

    async fn inspect(&self, id: &RuntimeId) -> Result<Option<ContainerState>, RuntimeError> {
        let id = id.clone();
        self.engine.call(Verb::Inspect, move |world, _| Ok(world.inspect(&id))).await
    }

    async fn list(&self) -> Result<Vec<ContainerState>, RuntimeError> {
        let owner = self.owner.clone();
        self.engine.call(Verb::List, move |world, _| Ok(world.list(&owner))).await
    }

    async fn survey(&self) -> Result<Vec<Glimpse>, RuntimeError> {
        let glimpse = |state: ContainerState| Glimpse {
            is_running: state.is_running(),
            id: state.id,
            name: state.name,
            labels: state.labels,
        };
        Ok(self.list().await?.into_iter().map(glimpse).collect())
    }

    fn events(&self) -> RuntimeEvents {
        let receiver = self.engine.subscribe(&self.owner);
        futures_util::stream::unfold(receiver, async |mut receiver| match receiver.recv().await {
            Some(event) => Some((event, receiver)),
            // The engine itself is gone, with its host: nothing will ever happen again.
            None => std::future::pending().await,
        })
        .boxed()
    }

    async fn stats(&self, id: &RuntimeId) -> Result<ContainerStats, RuntimeError> {
        let id = id.clone();
        self.engine.call(Verb::Stats, move |world, now| world.stats(&id, now)).await
    }

    async fn create_volume(&self, spec: &VolumeSpec) -> Result<(), RuntimeError> {
        let spec = spec.clone();
        self.engine.call(Verb::CreateVolume, move |world, _| world.create_volume(spec)).await
    }

    async fn remove_volume(&self, name: &str) -> Result<(), RuntimeError> {
        let name = name.to_owned();
        self.engine.call(Verb::RemoveVolume, move |world, _| world.remove_volume(&name)).await
    }

    async fn ensure_group(&self, spec: &GroupSpec) -> Result<String, RuntimeError> {
        crate::group::check_name(Verb::EnsureGroup, &spec.name)?;
        let (spec, owner) = (spec.clone(), self.owner.clone());
        let allowed = self.engine.options().has_groups;
        self.engine
            .call(Verb::EnsureGroup, move |world, _| {
                if allowed {
                    return Ok(world.groups.ensure(&owner, spec));
                }
                let message = "Permission denied: this host makes no groups";
                Err(RuntimeError::new(Verb::EnsureGroup, ErrorKind::Denied, message))
            })
            .await
    }

    async fn remove_group(&self, name: &str) -> Result<(), RuntimeError> {
        let (name, owner) = (name.to_owned(), self.owner.clone());
        self.engine.call(Verb::RemoveGroup, move |world, _| world.remove_group(&owner, &name)).await
    }

    async fn groups(&self) -> Result<Vec<String>, RuntimeError> {
        let owner = self.owner.clone();
        self.engine.call(Verb::ListGroups, move |world, _| Ok(world.groups.names(&owner))).await
    }
}
