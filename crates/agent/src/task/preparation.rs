//! What a container needs made before it is created, and what only then is known.
//!
//! The definition says what is needed; here it is fetched, and the finished spec goes to the runtime and
//! nowhere else: what comes from files of variables, and what is secret, is in no label and on no disk of the agent's.

mod environment_files;
mod firelens;
mod secrets;

use berth_agent_protocol::acs::IAMRoleCredentials;
use berth_runtime::{ContainerSpec, RuntimeId};

use super::definition::ContainerDefinition;
use crate::host::Host;

/// What a task knows of itself that its definition does not.
#[derive(Clone, Default)]
pub(super) struct Circumstances {
    /// In whose name things are fetched; the host's own if it is not told.
    pub(super) execution_role: Option<IAMRoleCredentials>,
    /// The container that its logs go through.
    pub(super) router: Option<RuntimeId>,
}

/// A container that cannot be created, because something that it needs is not to be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ResourceInitializationError: {0}")]
pub(super) struct Unprepared(String);

/// The definition's spec with everything that had to be fetched for it.
pub(super) async fn prepare(
    host: &Host,
    container: &ContainerDefinition,
    circumstances: &Circumstances,
) -> Result<ContainerSpec, Unprepared> {
    let mut spec = container.spec.clone();
    let files = &container.environment_files;
    environment_files::add(host, files, circumstances, &mut spec.environment).await?;
    secrets::add(host, &container.secrets, circumstances, &mut spec).await?;
    if let Some(router) = &container.router {
        firelens::lay_out(host, router, circumstances).await?;
    }
    if let Some(routed) = &container.routed {
        firelens::connect(host, routed, circumstances, &mut spec).await?;
    }
    Ok(spec)
}
