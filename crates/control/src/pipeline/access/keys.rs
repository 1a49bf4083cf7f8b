//! Condition keys that a service knows about a call, beside those that are the same for every service.

use berth_model::Tags;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::sync::Arc;

use super::text::Text;
use crate::tags;

/// Keys of one service, such as `ecs:cluster`, with the tags that a request brings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keys {
    named: SmallVec<[(Cow<'static, str>, KeyValue); 3]>,
    /// What `aws:RequestTag/…` and `aws:TagKeys` are about.
    tags: Option<Tags>,
    /// Tags that are named without values, to be taken away: `aws:TagKeys` alone.
    tag_keys: Vec<String>,
}

/// Conditions compare texts; numbers and truths are spelled as policies spell them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyValue {
    One(Text),
    /// A multivalued key, such as `ecs:container-instances`.
    Many(Vec<String>),
}

impl Keys {
    pub fn new() -> Self {
        Self::default()
    }

    /// Most names are known beforehand; some end with what the request brings, as `kms:EncryptionContext:…` does.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<KeyValue>) -> Self {
        self.insert(name, value);
        self
    }

    /// A key that is told twice would hide one of its values from policies: a mistake of the row, and the call's end.
    /// What differs by resource goes with the resource ([`Wants::on_with`](super::Wants::on_with)).
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<KeyValue>) {
        let name = name.into();
        assert!(self.get(&name).is_none(), "the condition key {name} is told twice");
        self.named.push((name, value.into()));
    }

    /// These and others, with the tags of the one that has any.
    pub(super) fn and(mut self, others: &Keys) -> Self {
        for (name, value) in &others.named {
            self.insert(name.clone(), value.clone());
        }
        self.tags = self.tags.or_else(|| others.tags.clone());
        self.tag_keys.extend(others.tag_keys.iter().cloned());
        self
    }

    pub fn request_tags(&mut self, tags: Tags) {
        self.tags = Some(tags).filter(|tags| !tags.is_empty());
    }

    pub fn untagged(&mut self, keys: Vec<String>) {
        self.tag_keys = keys;
    }

    /// The value of a key, whose case does not matter.
    pub fn get(&self, name: &str) -> Option<&KeyValue> {
        let mut named = self.named.iter();
        named.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The values of a tag that the request brings, as conditions see them.
    pub fn request_tag<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> {
        self.tags.iter().flat_map(move |tags| tags::values(tags, key))
    }

    /// The keys of all tags that the request names.
    pub fn tag_keys(&self) -> impl Iterator<Item = &str> {
        let brought = self.tags.iter().flat_map(|tags| tags.keys()).map(String::as_str);
        brought.chain(self.tag_keys.iter().map(String::as_str))
    }

    /// The names of the keys that are there, tags left out.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.named.iter().map(|(name, _)| &**name)
    }
}

impl From<String> for KeyValue {
    fn from(text: String) -> Self {
        KeyValue::One(text.into())
    }
}

impl From<&str> for KeyValue {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Arc<str>> for KeyValue {
    fn from(text: Arc<str>) -> Self {
        KeyValue::One(text.into())
    }
}

impl From<bool> for KeyValue {
    fn from(truth: bool) -> Self {
        KeyValue::One(Text::Known(if truth { "true" } else { "false" }))
    }
}

impl From<Vec<String>> for KeyValue {
    fn from(texts: Vec<String>) -> Self {
        KeyValue::Many(texts)
    }
}
