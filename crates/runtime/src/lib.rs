//! Containers on Linux behind one trait: Docker Engine, and a fake for simulation.
//!
//! A runtime runs *containers*: it knows images, ports, volumes and exit codes. It knows nothing of
//! tasks, clusters or the control plane; the agent tells it what to run and puts what it needs to
//! remember into labels.
//!
//! Start with [`Runtime`] (`runtime.rs`), then [`ContainerSpec`] (what to run), [`ContainerState`]
//! (what is running) and [`RuntimeError`] (what went wrong, in ECS's words).

#[cfg(feature = "conformance")]
pub mod conformance;
mod docker;
mod error;
mod event;
pub mod fake;
mod group;
mod image;
mod image_archive;
mod image_name;
mod info;
mod memory;
mod pause_image;
mod runtime;
mod spec;
mod state;
mod stats;

pub use docker::{DockerOptions, DockerRuntime, Timeouts};
pub use error::{ErrorKind, RuntimeError, Verb};
pub use event::{RuntimeEvent, RuntimeEvents};
pub use group::GroupSpec;
pub use image::{Disk, Disks, HeldImage, Image, RegistryAuth};
pub use image_archive::image_archive;
pub use image_name::{DOCKER_HUB, ImageName, canonical_registry};
pub use info::{CgroupVersion, RuntimeInfo};
pub use memory::MemoryBytes;
pub use pause_image::{PAUSE_IMAGE, has_pause_image, pause_image_archive};
pub use runtime::{OWNER_LABEL, Runtime, RuntimeId};
pub use spec::{
    ContainerSpec, EngineConfig, HealthCheck, HealthTest, Link, LogSpec, Mount, MountSource,
    Network, PortSpec, Transport, VolumeSpec, VolumesFrom,
};
pub use state::{ContainerState, Exit, Glimpse, Health, PortBinding, Run, Started};
pub use stats::{BlockStats, ContainerStats, CpuStats, MemoryStats, NetworkStats};
