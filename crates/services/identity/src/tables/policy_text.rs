//! A policy as it was written, and compiled.

use std::sync::{Arc, OnceLock};

use berth_iam_policy::{Document, Kind, Malformed};
use minicbor::{Decode, Decoder, Encode, Encoder};

/// A policy's text, shared by every copy of the row that it is in. It is compiled when it is first asked for, and
/// forgotten with the row: so nobody has to be told that a policy has changed.
#[derive(Clone)]
pub struct PolicyText(Arc<Inner>);

struct Inner {
    text: Box<str>,
    permissions: Compiled,
    trust: Compiled,
}

type Compiled = OnceLock<Result<Document, Malformed>>;

impl PolicyText {
    pub fn new(text: &str) -> Self {
        Self(Arc::new(Inner {
            text: text.into(),
            permissions: OnceLock::new(),
            trust: OnceLock::new(),
        }))
    }

    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// As a policy or the boundary of a user, a group or a role. An error only before it is stored, or if the language
    /// has changed.
    pub fn as_permissions(&self) -> Result<&Document, &Malformed> {
        self.compiled(&self.0.permissions, Kind::Identity)
    }

    /// As what says who may assume a role.
    pub fn as_trust(&self) -> Result<&Document, &Malformed> {
        self.compiled(&self.0.trust, Kind::Trust)
    }

    fn compiled<'a>(
        &'a self,
        compiled: &'a Compiled,
        kind: Kind,
    ) -> Result<&'a Document, &'a Malformed> {
        compiled.get_or_init(|| Document::parse(&self.0.text, kind)).as_ref()
    }
}

impl PartialEq for PolicyText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl std::fmt::Debug for PolicyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PolicyText").field(&self.as_str()).finish()
    }
}

impl<C> Encode<C> for PolicyText {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(self.as_str())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for PolicyText {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.str().map(Self::new)
    }
}
