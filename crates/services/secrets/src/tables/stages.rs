//! Which version of a secret has which staging label.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};

/// What is in force. A secret that has any version has exactly one with this label.
pub const CURRENT: &str = "AWSCURRENT";
/// What was in force before.
pub const PREVIOUS: &str = "AWSPREVIOUS";
/// What a rotation is about to put in force.
pub const PENDING: &str = "AWSPENDING";

/// AWS: the most labels that a version can have.
pub const MOST_LABELS: usize = 20;

/// Versions by their labels: so no label can be on two versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Stages(#[n(0)] BTreeMap<String, String>);

impl Stages {
    pub fn version(&self, label: &str) -> Option<&str> {
        self.0.get(label).map(String::as_str)
    }

    pub fn current(&self) -> Option<&str> {
        self.version(CURRENT)
    }

    /// The labels of one version, in order.
    pub fn of(&self, version: &str) -> Vec<String> {
        let labels = self.0.iter().filter(|(_, on)| *on == version);
        labels.map(|(label, _)| label.clone()).collect()
    }

    pub fn has_labels(&self, version: &str) -> bool {
        self.0.values().any(|on| on == version)
    }

    /// Versions that have labels, with these.
    pub fn by_version(&self) -> BTreeMap<String, Vec<String>> {
        let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (label, version) in &self.0 {
            versions.entry(version.clone()).or_default().push(label.clone());
        }
        versions
    }

    /// A new version comes with these labels, wherever they were.
    ///
    /// AWS: the first version is in force, whatever it is given. A version that is put in force takes
    /// [`PENDING`] from the one that was, which a move of the label alone leaves there.
    pub fn put(&mut self, version: &str, labels: &BTreeSet<String>) {
        for label in labels.iter().filter(|label| *label != CURRENT) {
            self.0.insert(label.clone(), version.to_owned());
        }
        let before = self.current().map(str::to_owned);
        match before {
            None => self.put_in_force(version),
            Some(before) if labels.contains(CURRENT) => {
                if self.version(PENDING) == Some(&before) {
                    self.0.remove(PENDING);
                }
                self.put_in_force(version);
            }
            Some(_) => {}
        }
    }

    /// Moves a label, which may be new, to a version.
    pub fn shift(&mut self, label: &str, to: &str) {
        match label {
            CURRENT => self.put_in_force(to),
            _ => {
                self.0.insert(label.to_owned(), to.to_owned());
            }
        }
    }

    /// What was in force becomes the previous version.
    fn put_in_force(&mut self, version: &str) {
        let before = self.0.insert(CURRENT.to_owned(), version.to_owned());
        if let Some(before) = before.filter(|before| before != version) {
            self.0.insert(PREVIOUS.to_owned(), before);
        }
    }

    /// Takes a label away. Never [`CURRENT`]: something is always in force.
    pub fn remove(&mut self, label: &str) {
        if label != CURRENT {
            self.0.remove(label);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(labels: &[&str]) -> BTreeSet<String> {
        labels.iter().map(|label| (*label).to_owned()).collect()
    }

    #[test]
    fn what_was_in_force_is_the_previous_version() {
        let mut stages = Stages::default();
        stages.put("1", &labels(&[CURRENT]));
        stages.put("2", &labels(&[CURRENT, "blue"]));
        assert_eq!(stages.of("1"), [PREVIOUS]);
        assert_eq!(stages.of("2"), [CURRENT, "blue"]);
        stages.put("3", &labels(&[CURRENT]));
        assert_eq!(stages.of("1"), [""; 0]);
        assert_eq!(stages.of("2"), [PREVIOUS, "blue"]);
        assert_eq!(stages.of("3"), [CURRENT]);
    }

    #[test]
    fn the_first_version_is_in_force_whatever_it_is_given() {
        let mut stages = Stages::default();
        stages.put("1", &labels(&["blue"]));
        assert_eq!(stages.of("1"), [CURRENT, "blue"]);
        stages.put("2", &labels(&["blue"]));
        assert_eq!((stages.current(), stages.version("blue")), (Some("1"), Some("2")));
    }

    /// As AWS does it in both ways.
    #[test]
    fn a_finished_rotation_keeps_its_label_until_something_else_is_put() {
        let mut stages = Stages::default();
        stages.put("1", &labels(&[CURRENT]));
        stages.put("2", &labels(&[PENDING]));
        stages.shift(CURRENT, "2");
        assert_eq!(stages.of("1"), [PREVIOUS]);
        assert_eq!(stages.of("2"), [CURRENT, PENDING]);
        stages.put("3", &labels(&[CURRENT]));
        assert_eq!(stages.of("2"), [PREVIOUS]);
        assert_eq!(stages.of("3"), [CURRENT]);
    }

    #[test]
    fn moving_a_label_to_where_it_is_changes_nothing() {
        let mut stages = Stages::default();
        stages.put("1", &labels(&[CURRENT]));
        stages.shift(CURRENT, "1");
        assert_eq!(stages.by_version(), [("1".to_owned(), vec![CURRENT.to_owned()])].into());
    }

    #[derive(Debug, Clone)]
    enum Step {
        Put(u8, BTreeSet<String>),
        Shift(String, u8),
        Remove(String),
    }

    fn label() -> impl Strategy<Value = String> {
        prop::sample::select(vec![CURRENT, PREVIOUS, PENDING, "blue"]).prop_map(str::to_owned)
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..5_u8, prop::collection::btree_set(label(), 0..4))
                .prop_map(|(v, l)| Step::Put(v, l)),
            (label(), 0..5_u8).prop_map(|(l, v)| Step::Shift(l, v)),
            label().prop_map(Step::Remove),
        ]
    }

    proptest! {
        #[test]
        fn exactly_one_version_is_in_force_and_it_is_never_the_previous_one_by_being_replaced(
            first in prop::collection::btree_set(label(), 0..4),
            steps in prop::collection::vec(step(), 0..20),
        ) {
            let mut stages = Stages::default();
            stages.put("first", &first);
            for step in steps {
                let before = stages.current().map(str::to_owned);
                match step {
                    Step::Put(version, labels) => stages.put(&version.to_string(), &labels),
                    Step::Shift(label, version) => stages.shift(&label, &version.to_string()),
                    Step::Remove(label) => stages.remove(&label),
                }
                let by_version = stages.by_version();
                let in_force = by_version.values().flatten().filter(|label| *label == CURRENT);
                prop_assert_eq!(in_force.count(), 1);
                if before.as_deref() != stages.current() {
                    prop_assert_eq!(stages.version(PREVIOUS), before.as_deref());
                }
            }
        }
    }
}
