//! Ephemeral storage of a task.

use berth_aws_api::ecs as api;

use super::{Verdict, refuse_unless};

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    let size = definition.ephemeral_storage.as_ref().and_then(|storage| storage.size_in_gib);
    refuse_unless(size.is_none_or(|size| (21..=200).contains(&size)), || {
        format!(
            "Invalid 'ephemeralStorage.sizeInGiB' setting for task. {} is not between 21 and 200.",
            size.unwrap_or_default()
        )
    })
}
