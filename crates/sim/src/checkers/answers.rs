//! Whoever asks again sees nothing older than before.

use std::collections::BTreeMap;

use berth_model::{TaskId, TaskStatus, Timestamp};

use super::{Checker, Sight};

#[derive(Default)]
pub(super) struct Answers {
    /// The last that each client was told.
    told: BTreeMap<(usize, TaskId), (TaskStatus, u64)>,
}

impl Checker for Answers {
    fn name(&self) -> &'static str {
        "answers"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        let Sight::Described { client, task, status, version } = sight else { return Ok(()) };
        let status: TaskStatus = status.parse().map_err(|error| format!("task {task}: {error}"))?;
        let now = (status, *version);
        match self.told.insert((*client, *task), now) {
            Some(before) if now.0 < before.0 || now.1 < before.1 => Err(format!(
                "client {client} saw task {task} as {} (version {}), then as {} (version {})",
                before.0, before.1, now.0, now.1
            )),
            _ => Ok(()),
        }
    }
}
