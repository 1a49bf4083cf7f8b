//! Mount points: which volume appears where in a container.

use std::collections::BTreeSet;

use berth_aws_api::ecs as api;

use super::{Verdict, containers_of, name_of, paths, refuse_unless};

pub fn check(definition: &api::TaskDefinition, volumes: &BTreeSet<&str>) -> Verdict {
    for container in containers_of(definition) {
        let mut mounted = BTreeSet::new();
        for mount in container.mount_points.iter().flatten() {
            let volume = mount.source_volume.as_deref().unwrap_or_default();
            refuse_unless(volumes.contains(volume), || {
                format!(
                    "Unknown volume '{volume}'. Container '{}' mounts it, but the task definition has no volume of that name.",
                    name_of(container)
                )
            })?;
            let path = mount.container_path.as_deref().unwrap_or_default();
            refuse_unless(paths::is_absolute(path), || {
                format!(
                    "Invalid 'mountPoints' setting for container '{}'. containerPath `{path}` is not an absolute path.",
                    name_of(container)
                )
            })?;
            refuse_unless(mounted.insert(path), || {
                format!(
                    "Invalid 'mountPoints' setting for container '{}'. `{path}` is the containerPath of more than one.",
                    name_of(container)
                )
            })?;
        }
    }
    Ok(())
}
