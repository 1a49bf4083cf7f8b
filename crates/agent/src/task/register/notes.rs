//! What is noted of tasks in the agent's memory: what an agent that comes after this one has to know of them.

use std::collections::BTreeSet;

use berth_agent_protocol::acs;

use super::Parts;
use crate::labels;
use crate::memory::{Remembered, Version};

impl Parts {
    /// The task is to run, and has no containers yet that could tell of it.
    pub(super) fn note_accepted(&self, task: &acs::Task) -> Version {
        let remembered = labels::without_credentials(task);
        self.recollection.update(|state| {
            state.accepted.insert(remembered.arn.clone(), remembered);
        })
    }

    /// The task is to stop.
    pub(super) fn note_stopping(&self, arn: &str) -> Version {
        self.recollection.update(|state| {
            state.stopping.insert(arn.to_owned());
        })
    }

    /// The task's containers tell of it from now on.
    pub(in crate::task) fn forget_accepted(&self, arn: &str) {
        if self.recollection.read(|state| state.accepted.contains_key(arn)) {
            self.recollection.update(|state| {
                state.accepted.remove(arn);
                state.present.insert(arn.to_owned());
            });
        }
    }

    /// These have containers here, whatever was remembered; of the unknown ones that is all that is known.
    pub(super) fn note_present(&self, here: BTreeSet<String>, unknown: &BTreeSet<String>) {
        let is_noted = |state: &Remembered| {
            here.is_subset(&state.present) && unknown.is_subset(&state.unconfirmed)
        };
        if !self.recollection.read(is_noted) {
            self.recollection.update(|state| {
                state.present.extend(here);
                state.unconfirmed.extend(unknown.iter().cloned());
            });
        }
    }

    /// The task is to run: the control plane said so.
    pub(super) fn note_confirmed(&self, arn: &str) {
        if self.recollection.read(|state| state.unconfirmed.contains(arn)) {
            self.recollection.update(|state| {
                state.unconfirmed.remove(arn);
            });
        }
    }

    /// The task has ended, and its report is remembered. Some of its containers may never have been started:
    /// an agent that finds them later must not make up for that.
    pub(in crate::task) fn ended(&self, arn: &str) {
        self.roles.forget(arn);
        self.recollection.update(|state| {
            state.accepted.remove(arn);
            state.present.remove(arn);
            state.unconfirmed.remove(arn);
            state.stopping.insert(arn.to_owned());
        });
    }

    /// A container was started again.
    pub(in crate::task) fn note_restarts(&self, arn: &str, container: &str, count: u32) {
        self.recollection.update(|state| {
            let of_task = state.restarts.entry(arn.to_owned()).or_default();
            of_task.insert(container.to_owned(), count);
        });
    }

    pub(in crate::task) fn restarts(&self, arn: &str, container: &str) -> u32 {
        let count = |state: &Remembered| state.restarts.get(arn)?.get(container).copied();
        self.recollection.read(count).unwrap_or(0)
    }

    /// Nothing of the task is here any more.
    pub(in crate::task) fn forget(&self, arn: &str) {
        let is_held = |state: &Remembered| {
            state.accepted.contains_key(arn)
                || state.present.contains(arn)
                || state.unconfirmed.contains(arn)
                || state.stopping.contains(arn)
                || state.restarts.contains_key(arn)
        };
        if self.recollection.read(is_held) {
            self.recollection.update(|state| {
                state.accepted.remove(arn);
                state.present.remove(arn);
                state.unconfirmed.remove(arn);
                state.stopping.remove(arn);
                state.restarts.remove(arn);
            });
        }
    }
}
