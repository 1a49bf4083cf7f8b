//! Resources that are judged together.

use std::sync::Arc;

use super::{Action, Keys};

/// Everything whose ARN begins alike, such as the tasks of a cluster, with the condition keys that each of them comes with.
/// They have no policies of their own.
///
/// Most policies speak of all of them or of none. So whoever judges a caller finds that once, and a call that may be made
/// to any need not find the one that it is about. Kept and shared: it is known by its place in memory.
#[derive(Debug)]
pub struct Realm {
    prefix: String,
    keys: Keys,
}

/// Whether the caller may do this to everything in there, whatever else a request says. `false` where that depends.
pub type Beforehand<'a> = dyn Fn(&Action, &Arc<Realm>) -> bool + 'a;

impl Realm {
    pub fn new(prefix: String, keys: Keys) -> Self {
        Realm { prefix, keys }
    }

    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }
}
