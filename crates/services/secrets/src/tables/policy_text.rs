//! The policy of a resource: as it was written, and compiled.

use std::fmt;
use std::sync::{Arc, OnceLock};

use berth_iam_policy::{Document, Kind, Malformed};
use minicbor::{Decode, Decoder, Encode, Encoder};

/// A policy's text, shared by every copy of the row that it is in. It is compiled when it is first asked for, and
/// forgotten with the row.
#[derive(Clone)]
pub struct PolicyText(Arc<Inner>);

struct Inner {
    text: Arc<str>,
    compiled: OnceLock<Result<Document, Malformed>>,
}

impl PolicyText {
    pub fn new(text: &str) -> Self {
        Self(Arc::new(Inner { text: text.into(), compiled: OnceLock::new() }))
    }

    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The text itself, to be kept.
    pub fn text(&self) -> Arc<str> {
        self.0.text.clone()
    }

    /// An error only before it is stored, or if the language has changed.
    pub fn document(&self) -> Result<&Document, &Malformed> {
        let compiled = || Document::parse(&self.0.text, Kind::Resource);
        self.0.compiled.get_or_init(compiled).as_ref()
    }
}

impl PartialEq for PolicyText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl fmt::Debug for PolicyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
