//! A service revision's tags mean one image each, for good, and whatever is started once that is known runs it.

use std::collections::BTreeMap;

use berth_ecs::tables::{ResolvedImages, Task};
use berth_model::{ServiceId, TaskSetId, Timestamp};

use super::super::{Checker, Sight};

#[derive(Default)]
pub struct Versions {
    known: BTreeMap<(ServiceId, TaskSetId), ResolvedImages>,
}

impl Checker for Versions {
    fn name(&self) -> &'static str {
        "versions"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        let Sight::Commits { records, .. } = sight else { return Ok(()) };
        for (revision, before) in &self.known {
            // With its service it is forgotten.
            let Some(after) = records.wishes.resolved.get(revision) else { continue };
            if let Some(image) = before.images.iter().find(|image| !after.images.contains(image)) {
                let (_, number) = revision;
                return Err(format!(
                    "{number} had resolved {} to {}, and has not any more",
                    image.container, image.digest
                ));
            }
        }
        self.known.clone_from(&records.wishes.resolved);
        records.tasks.values().try_for_each(|task| {
            let revision = task.service.zip(task.deployment);
            let resolved = revision.and_then(|revision| records.wishes.resolved.get(&revision));
            resolved.map_or(Ok(()), |resolved| runs_what_it_should(task, resolved))
        })
    }
}

fn runs_what_it_should(task: &Task, resolved: &ResolvedImages) -> Result<(), String> {
    for container in &task.containers {
        let (Some(image), Some(runs)) = (resolved.of(&container.name), &container.image_digest)
        else {
            continue;
        };
        if *runs != image.digest && task.times.created_at > image.established_at {
            return Err(format!(
                "{} of task {} runs {runs}, where {} was known before",
                container.name, task.id, image.digest
            ));
        }
    }
    Ok(())
}
