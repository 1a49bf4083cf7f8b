//! What an instance says about itself: names, some with a value.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Attributes by name. A capability has a name only; an availability zone has a value. A clone shares
/// them: instances of one kind may have the same fifty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes(Arc<BTreeMap<String, Option<String>>>);

impl Attributes {
    pub const AVAILABILITY_ZONE: &'static str = "ecs.availability-zone";

    pub fn set(&mut self, name: impl Into<String>, value: Option<String>) {
        Arc::make_mut(&mut self.0).insert(name.into(), value);
    }

    /// `None` if there is no such attribute, `Some(None)` if it has no value.
    pub fn get(&self, name: &str) -> Option<&Option<String>> {
        self.0.get(name)
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_deref()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_deref()))
    }
}

impl<N: Into<String>> FromIterator<(N, Option<String>)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (N, Option<String>)>>(pairs: I) -> Self {
        Attributes(Arc::new(pairs.into_iter().map(|(name, value)| (name.into(), value)).collect()))
    }
}
