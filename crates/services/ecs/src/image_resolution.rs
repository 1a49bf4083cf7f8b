//! Which image a service's tasks run: what a tag means is found out once for each service revision.
//!
//! The first digest that an agent reports for a container is the one that all later tasks of the same deployment,
//! or task set, are told to run ([`establish`], [`reference`]). A new deployment finds out anew. Tasks that nobody's
//! service started, containers with `versionConsistency` disabled and images that are named by their digest are
//! left alone.
//!
//! DEVIATES: ECS starts one task of a deployment first, holds the others back until its digests are known, and goes on
//! without them after three attempts. Here all start at once; one that then turns out to run another image than the
//! first is replaced.

use berth_aws_api::ecs as api;
use berth_control::cell::Transaction;
use berth_control::tables::View;
use berth_model::Timestamp;

use crate::tables::{ResolvedImage, ResolvedImages, ServiceRevision, Task, TaskDefinition};
use crate::task_definition::is_digest;

/// Takes down the digests that this task's agent has reported, where none was known.
pub fn establish(tx: &mut Transaction, task: &Task, now: Timestamp) {
    let Some(revision) = task.service.zip(task.deployment) else { return };
    // A task may outlive what it was started for.
    if tx.get::<ServiceRevision>(&revision).is_none() {
        return;
    }
    let Some(definition) = tx.get::<TaskDefinition>(&task.task_definition) else { return };
    let defined = definition.content.container_definitions.as_deref().unwrap_or_default();
    let known = tx.get::<ResolvedImages>(&revision);
    let new: Vec<ResolvedImage> = task
        .containers
        .iter()
        .filter(|container| known.is_none_or(|known| known.of(&container.name).is_none()))
        .filter(|container| {
            let name = Some(container.name.as_str());
            let found = defined.iter().find(|defined| defined.name.as_deref() == name);
            found.is_some_and(is_to_be_resolved)
        })
        .filter_map(|container| {
            Some(ResolvedImage {
                container: container.name.to_string(),
                digest: container
                    .image_digest
                    .as_deref()
                    .filter(|text| is_digest(text))?
                    .to_owned(),
                established_at: now,
            })
        })
        .collect();
    if new.is_empty() {
        return;
    }
    let (service, number) = revision;
    let mut images = known.map(|known| known.images.clone()).unwrap_or_default();
    images.extend(new);
    tx.put(ResolvedImages { service, number, images });
}

/// What this task's images were found to mean.
pub fn resolved<'v>(view: &'v impl View, task: &Task) -> Option<&'v ResolvedImages> {
    view.get::<ResolvedImages>(&task.service.zip(task.deployment)?)
}

/// The image that a container is to run, as its agent is told.
///
/// AWS: the tag stays before the digest, for people to read; engines go by the digest alone.
pub fn reference(defined: &api::ContainerDefinition, resolved: Option<&ResolvedImages>) -> String {
    let image = defined.image.clone().unwrap_or_default();
    let name = defined.name.as_deref().unwrap_or_default();
    match resolved.and_then(|resolved| resolved.of(name)) {
        Some(found) => format!("{image}@{}", found.digest),
        None => image,
    }
}

/// Whether the task was started before it was known what its tags mean, and runs something else.
pub fn is_another_version(task: &Task, resolved: Option<&ResolvedImages>) -> bool {
    let Some(resolved) = resolved else { return false };
    task.containers.iter().any(|container| {
        let established = resolved.of(&container.name);
        established.zip(container.image_digest.as_ref()).is_some_and(|(established, runs)| {
            // A later one was told the digest: to replace it for what its agent makes of that would not end.
            *runs != established.digest && task.times.created_at <= established.established_at
        })
    })
}

fn is_to_be_resolved(defined: &api::ContainerDefinition) -> bool {
    let is_named_by_digest = defined.image.as_ref().is_some_and(|image| image.contains('@'));
    let is_disabled = defined.version_consistency == Some(api::VersionConsistency::Disabled);
    !is_named_by_digest && !is_disabled
}

#[cfg(test)]
mod tests;
