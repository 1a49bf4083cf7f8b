//! The scheduler's copies of attributes: one for all instances that share theirs in the tables.

use std::collections::BTreeMap;

use berth_scheduler as scheduler;

use crate::tables::Attributes;

/// By where the tables have them; having them, too, keeps the place theirs.
#[derive(Default)]
pub(super) struct SharedAttributes {
    known: BTreeMap<usize, (Attributes, scheduler::Attributes)>,
    /// Those that no instance has any more are let go of when there are so many in all.
    tidy_at: usize,
}

/// The one here, and the one that the tables keep to find equal ones by.
const OURS: usize = 2;

impl SharedAttributes {
    pub(super) fn of(&mut self, attributes: &Attributes) -> scheduler::Attributes {
        if let Some((_, known)) = self.known.get(&attributes.address()) {
            return known.clone();
        }
        if self.known.len() >= self.tidy_at.max(64) {
            self.known.retain(|_, (theirs, _)| theirs.sharers() > OURS);
            self.tidy_at = 2 * self.known.len();
        }
        let pairs = attributes.iter().map(|(name, attribute)| (name, attribute.value.clone()));
        let ours: scheduler::Attributes = pairs.collect();
        self.known.insert(attributes.address(), (attributes.clone(), ours.clone()));
        ours
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }
}
