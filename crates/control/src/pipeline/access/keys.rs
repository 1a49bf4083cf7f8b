//! Condition keys that a service knows about a call, beside those that are the same for every service.

use std::borrow::Cow;

use berth_model::Tags;
use smallvec::SmallVec;

/// Keys of one service, such as `ecs:cluster`, with the tags that a request brings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keys {
    named: SmallVec<[(Cow<'static, str>, KeyValue); 4]>,
    /// What `aws:RequestTag/…` and `aws:TagKeys` are about.
    tags: Option<Tags>,
    /// Tags that are named without values, to be taken away: `aws:TagKeys` alone.
    tag_keys: Vec<String>,
}

/// Conditions compare texts; numbers and truths are spelled as policies spell them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyValue {
    One(String),
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

    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<KeyValue>) {
        self.named.push((name.into(), value.into()));
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

    /// The value of a tag that the request brings. AWS: in conditions, the case of a tag's key does not matter.
    pub fn request_tag(&self, key: &str) -> Option<&str> {
        tag(self.tags.as_ref()?, key)
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

/// The value of a tag whose key is spelled in any case.
pub(super) fn tag<'a>(tags: &'a Tags, key: &str) -> Option<&'a str> {
    let exact = tags.get(key);
    let found = exact
        .or_else(|| tags.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, v)| v));
    found.map(String::as_str)
}

impl From<String> for KeyValue {
    fn from(text: String) -> Self {
        KeyValue::One(text)
    }
}

impl From<&str> for KeyValue {
    fn from(text: &str) -> Self {
        KeyValue::One(text.to_owned())
    }
}

impl From<bool> for KeyValue {
    fn from(truth: bool) -> Self {
        KeyValue::One(truth.to_string())
    }
}

impl From<Vec<String>> for KeyValue {
    fn from(texts: Vec<String>) -> Self {
        KeyValue::Many(texts)
    }
}
