//! Tags: keys and values that a user hangs on a resource, in the order of their keys.
//!
//! How many there may be and which keys are AWS's own is a rule of the request, checked in `control`.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use minicbor::{Decode, Encode};

#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Tags(#[n(0)] BTreeMap<String, String>);

impl Tags {
    pub const fn new() -> Self {
        Tags(BTreeMap::new())
    }

    pub fn into_map(self) -> BTreeMap<String, String> {
        self.0
    }
}

impl Deref for Tags {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Tags {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Tags {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Tags(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl IntoIterator for Tags {
    type Item = (String, String);
    type IntoIter = std::collections::btree_map::IntoIter<String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Tags {
    type Item = (&'a String, &'a String);
    type IntoIter = std::collections::btree_map::Iter<'a, String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_key_wins_and_keys_are_ordered() {
        let tags: Tags =
            [("stage", "test"), ("app", "web"), ("stage", "live")].into_iter().collect();
        let pairs: Vec<_> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(pairs, ["app=web", "stage=live"]);
        assert_eq!(minicbor::decode::<Tags>(&minicbor::to_vec(&tags).unwrap()).unwrap(), tags);
    }
}
