//! From containers to their tasks.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use berth_runtime::{Glimpse, RuntimeId};

use crate::labels;

/// Which task a container belongs to.
#[derive(Default)]
pub(crate) struct ContainerIndex(Mutex<BTreeMap<RuntimeId, String>>);

impl ContainerIndex {
    pub(in crate::task) fn insert(&self, id: RuntimeId, arn: &str) {
        self.lock().insert(id, arn.to_owned());
    }

    pub(in crate::task) fn remove(&self, id: &RuntimeId) {
        self.lock().remove(id);
    }

    pub(super) fn task_of(&self, id: &RuntimeId) -> Option<String> {
        self.lock().get(id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<RuntimeId, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one look at the runtime found, by task and container.
#[derive(Debug)]
pub(crate) struct Seen(BTreeMap<String, BTreeMap<String, SeenContainer>>);

#[derive(Debug)]
pub(crate) struct SeenContainer {
    pub(crate) id: RuntimeId,
    pub(crate) is_running: bool,
}

impl Seen {
    pub(super) fn new(all: &[Glimpse]) -> Self {
        let mut seen: BTreeMap<String, BTreeMap<String, SeenContainer>> = BTreeMap::new();
        for found in all {
            if let Some((arn, name)) = labels::owner(&found.labels) {
                let container =
                    SeenContainer { id: found.id.clone(), is_running: found.is_running };
                seen.entry(arn.to_owned()).or_default().insert(name.to_owned(), container);
            }
        }
        Self(seen)
    }

    pub(in crate::task) fn find(&self, arn: &str, container: &str) -> Option<&SeenContainer> {
        self.0.get(arn)?.get(container)
    }
}
