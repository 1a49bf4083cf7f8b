//! What is known of a request: keys with one or several values.
//!
//! A policy asks for the keys that it names, so whoever knows a value may work it out only then.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use berth_model::Timestamp;

use crate::condition::instant;

/// The name of a key: as a policy spells it, and as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) written: Box<str>,
    /// In ASCII lower case: keys have none.
    pub(crate) plain: Box<str>,
}

impl Key {
    pub(crate) fn new(written: &str) -> Self {
        Self { written: written.into(), plain: written.to_ascii_lowercase().into() }
    }
}

/// Answers what is asked about a request.
pub trait Context {
    /// The values of a key; `None` if the request has no such key.
    ///
    /// Keys have no case: `key` is in ASCII lower case, whatever the policy says, the name of a tag
    /// included (`aws:requesttag/team`). A list without values counts as no key.
    fn values(&self, key: &str) -> Option<Values<'_>>;
}

/// One value, or those of a multivalued key such as `aws:TagKeys`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values<'a> {
    One(Value<'a>),
    Many(Vec<Value<'a>>),
}

/// A value as its owner has it: compared as it is, made a text only if a policy wants one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    Text(Cow<'a, str>),
    Bool(bool),
    Integer(i64),
    Instant(Timestamp),
    Address(IpAddr),
    Binary(Cow<'a, [u8]>),
}

impl Values<'_> {
    pub(crate) fn as_slice(&self) -> &[Value<'_>] {
        match self {
            Values::One(value) => std::slice::from_ref(value),
            Values::Many(values) => values,
        }
    }
}

impl<'a> Value<'a> {
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Value::Text(text.into())
    }

    /// The value as policies spell it.
    pub fn as_text(&self) -> Cow<'_, str> {
        match self {
            Value::Text(text) => Cow::Borrowed(text),
            Value::Bool(true) => Cow::Borrowed("true"),
            Value::Bool(false) => Cow::Borrowed("false"),
            Value::Integer(number) => Cow::Owned(number.to_string()),
            Value::Instant(instant) => Cow::Owned(instant::render(*instant)),
            Value::Address(address) => Cow::Owned(address.to_string()),
            Value::Binary(bytes) => Cow::Owned(BASE64_STANDARD.encode(bytes)),
        }
    }

    /// As [`as_text`](Self::as_text), for as long as the value itself lives.
    pub(crate) fn into_text(self) -> Cow<'a, str> {
        match self {
            Value::Text(text) => text,
            other => Cow::Owned(other.as_text().into_owned()),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(Cow::Borrowed(text))
    }
}

impl<'a, V: Into<Value<'a>>> From<V> for Values<'a> {
    fn from(value: V) -> Self {
        Values::One(value.into())
    }
}

/// A context that knows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Context for Nothing {
    fn values(&self, _key: &str) -> Option<Values<'_>> {
        None
    }
}

/// Two contexts in one: the first is asked first.
impl<A: Context, B: Context> Context for (A, B) {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        self.0.values(key).or_else(|| self.1.values(key))
    }
}

impl<C: Context + ?Sized> Context for &C {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        (**self).values(key)
    }
}

/// Keys that are all known beforehand, as IAM's simulation has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys(BTreeMap<String, Values<'static>>);

impl Keys {
    pub fn new() -> Self {
        Self::default()
    }

    /// A later value of the same key, in whatever case, replaces an earlier one.
    pub fn insert(&mut self, key: &str, values: impl Into<Values<'static>>) {
        self.0.insert(key.to_ascii_lowercase(), values.into());
    }

    #[must_use]
    pub fn with(mut self, key: &str, values: impl Into<Values<'static>>) -> Self {
        self.insert(key, values);
        self
    }

    /// A multivalued key of texts.
    #[must_use]
    pub fn with_many(self, key: &str, texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let values = texts.into_iter().map(|text| Value::Text(Cow::Owned(text.into()))).collect();
        self.with(key, Values::Many(values))
    }
}

impl Context for Keys {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        self.0.get(key).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::{Context, Keys, Nothing, Value, Values};

    #[test]
    fn keys_have_no_case() {
        let keys = Keys::new().with("AWS:RequestTag/Team", "blue");
        assert_eq!(keys.values("aws:requesttag/team"), Some(Values::One(Value::text("blue"))));
    }

    #[test]
    fn the_first_of_two_contexts_is_asked_first() {
        let both = (Keys::new().with("a:x", "1"), Keys::new().with("a:x", "2").with("a:y", "3"));
        assert_eq!(both.values("a:x"), Some("1".into()));
        assert_eq!(both.values("a:y"), Some("3".into()));
        assert_eq!(Nothing.values("a:y"), None);
    }
}
