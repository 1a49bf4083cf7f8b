//! The trait: what an agent may ask of a container engine.
//!
//! Every call ends: an engine that hangs gives [`ErrorKind::Timeout`](crate::ErrorKind::Timeout), one
//! that is down [`ErrorKind::Unreachable`](crate::ErrorKind::Unreachable). Nothing here retries; the
//! caller owns the policy. Dropping a future abandons the wait, not necessarily the engine's work.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::{
    ContainerSpec, ContainerState, ContainerStats, Disks, Glimpse, GroupSpec, HeldImage, Image,
    RegistryAuth, RuntimeError, RuntimeEvents, RuntimeInfo, Started, VolumeSpec,
};

/// The label that a runtime puts on all it creates; its value is the owner the runtime was opened for.
///
/// [`Runtime::list`] and [`Runtime::events`] see nothing else, so several agents, and people, can
/// share one engine.
pub const OWNER_LABEL: &str = "berth.owner";

/// A container engine on this host.
#[async_trait]
pub trait Runtime: Send + Sync + 'static {
    /// What the engine and its host are.
    async fn info(&self) -> Result<RuntimeInfo, RuntimeError>;

    /// Brings the image here from its registry, even if some version of it is here already.
    async fn pull(&self, image: &str, auth: Option<RegistryAuth>) -> Result<Image, RuntimeError>;

    /// The image as it is here now, without asking any registry.
    async fn image(&self, image: &str) -> Result<Option<Image>, RuntimeError>;

    /// All images that are here, whoever brought them, by id.
    async fn images(&self) -> Result<Vec<HeldImage>, RuntimeError>;

    /// Takes this name off an image, and removes the image with its last name; an id stands for an image without any
    /// tag. One that a container, running or not, was made from is a [`Conflict`](crate::ErrorKind::Conflict); what is
    /// gone already is not an error.
    async fn remove_image(&self, name_or_id: &str) -> Result<(), RuntimeError>;

    /// The host's file systems, as far as they can be seen from here.
    async fn disks(&self) -> Result<Disks, RuntimeError>;

    /// Takes an image of this name out of an archive, without any registry.
    async fn load(&self, image: &str, archive: Vec<u8>) -> Result<Image, RuntimeError>;

    /// Makes a container that does not run yet. The name is taken until it is removed: a second
    /// creation with the same name is a [`Conflict`](crate::ErrorKind::Conflict).
    async fn create(&self, spec: &ContainerSpec) -> Result<RuntimeId, RuntimeError>;

    /// Runs a created or ended container. One that already runs is left alone.
    async fn start(&self, id: &RuntimeId) -> Result<Started, RuntimeError>;

    /// Asks the container to end by its stop signal and kills it after `grace`; returns when it has
    /// ended. One that does not run is left alone.
    async fn stop(&self, id: &RuntimeId, grace: Duration) -> Result<(), RuntimeError>;

    /// Removes the container, killing it if it runs, with its anonymous volumes. Afterwards it is
    /// gone, also if it was gone before.
    async fn remove(&self, id: &RuntimeId) -> Result<(), RuntimeError>;

    /// The container as it is now; `None` if there is no such container.
    async fn inspect(&self, id: &RuntimeId) -> Result<Option<ContainerState>, RuntimeError>;

    /// All containers of this runtime's owner, running or not, by name. One that the engine cannot be brought to
    /// describe is told as far as it is known.
    async fn list(&self) -> Result<Vec<ContainerState>, RuntimeError>;

    /// The same containers at one glance, which costs the engine much less.
    async fn survey(&self) -> Result<Vec<Glimpse>, RuntimeError>;

    /// What happens to the owner's containers from now on. The stream never ends: it reconnects by
    /// itself, and says [`Lost`](crate::RuntimeEvent::Lost) where something may be missing.
    fn events(&self) -> RuntimeEvents;

    /// What a running container has used so far.
    async fn stats(&self, id: &RuntimeId) -> Result<ContainerStats, RuntimeError>;

    /// Makes a named volume; one of that name that exists already is kept as it is.
    async fn create_volume(&self, spec: &VolumeSpec) -> Result<(), RuntimeError>;

    /// Removes a named volume with what is in it. One that a container, even an ended one, still
    /// refers to is a [`Conflict`](crate::ErrorKind::Conflict); one that is gone already is not an error.
    async fn remove_volume(&self, name: &str) -> Result<(), RuntimeError>;

    /// Makes a group of this owner, or gives one that is there these limits. Returns what its members must
    /// have as their [`cgroup_parent`](ContainerSpec::cgroup_parent).
    async fn ensure_group(&self, spec: &GroupSpec) -> Result<String, RuntimeError>;

    /// Removes a group whose members have ended; one that runs still is a
    /// [`Conflict`](crate::ErrorKind::Conflict), and a group that is gone already is not an error.
    async fn remove_group(&self, name: &str) -> Result<(), RuntimeError>;

    /// The names of this owner's groups, in order.
    async fn groups(&self) -> Result<Vec<String>, RuntimeError>;
}

/// An engine's own name for a container, valid on that engine alone (Docker: 64 hex digits).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuntimeId(String);

impl RuntimeId {
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuntimeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RuntimeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Twelve digits are what Docker's own tools show, and enough to find a container by.
        f.write_str(self.0.get(..12).unwrap_or(&self.0))
    }
}
