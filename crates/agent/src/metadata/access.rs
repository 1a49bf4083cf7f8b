//! Who may ask: each container has an id of its own, which only its environment tells.
//!
//! The id is in a label as well, so that an agent that was killed goes on answering. Nothing of it can be
//! guessed, and it opens nothing but the task that the container belongs to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::labels;

#[derive(Default)]
pub(crate) struct Access {
    is_open: AtomicBool,
    places: Mutex<BTreeMap<String, Place>>,
}

/// The container that an id is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The task's ARN.
    pub(crate) task: String,
    pub(crate) container: String,
}

impl Access {
    /// From now on there is somebody to answer.
    pub(super) fn open(&self) {
        self.is_open.store(true, Ordering::Release);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    /// An id for a container that is about to be made; none if nobody would answer it.
    pub(crate) fn admit(&self, task: &str, container: &str) -> Option<String> {
        if !self.is_open() {
            return None;
        }
        // Not from the agent's seed, which makes its chances the same again: this is a secret.
        let id = hex::encode(rand::random::<[u8; 16]>());
        self.insert(id.clone(), task, container);
        Some(id)
    }

    /// Takes up the id of a container that is there already, if it has one.
    pub(crate) fn learn(&self, labels: &BTreeMap<String, String>) {
        if let (Some(id), Some((task, container))) =
            (labels::metadata_id(labels), labels::owner(labels))
        {
            self.insert(id.to_owned(), task, container);
        }
    }

    /// The container is gone.
    pub(crate) fn forget(&self, task: &str, container: &str) {
        self.places().retain(|_, place| place.task != task || place.container != container);
    }

    pub(super) fn find(&self, id: &str) -> Option<Place> {
        self.places().get(id).cloned()
    }

    fn insert(&self, id: String, task: &str, container: &str) {
        let place = Place { task: task.to_owned(), container: container.to_owned() };
        self.places().insert(id, place);
    }

    fn places(&self) -> MutexGuard<'_, BTreeMap<String, Place>> {
        // Every change is one map operation: a panic elsewhere leaves it whole.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_given_only_where_somebody_answers() {
        let access = Access::default();
        assert_eq!(access.admit("t", "web"), None);
        access.open();
        let (web, other) = (access.admit("t", "web").unwrap(), access.admit("t", "other").unwrap());
        assert_ne!(web, other);
        assert_eq!(web.len(), 32);
        assert_eq!(access.find(&web).unwrap().container, "web");
        access.forget("t", "web");
        assert_eq!(access.find(&web), None);
        assert!(access.find(&other).is_some());
    }
}
