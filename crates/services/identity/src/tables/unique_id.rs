//! The id that an entity keeps for ever, whatever it is called: `AIDA…`, `AROA…`.

use std::fmt;

use berth_control::env::Env;
use berth_control::tables::TableKey;
use minicbor::{Decode, Encode};

use crate::random;

/// Four letters that say what it is, and 17 by chance. An entity that is made again by the same name has another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct UniqueId(#[n(0)] String);

/// 85 bits.
const LETTERS: usize = 17;

impl UniqueId {
    pub fn new(env: &Env, prefix: &str) -> Self {
        Self(format!("{prefix}{}", random::text(env, random::UPPER, LETTERS)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An id that somebody shows.
impl From<&str> for UniqueId {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TableKey for UniqueId {
    fn write_to(&self, out: &mut Vec<u8>) {
        self.0.write_to(out);
    }
}
