//! Policies that are no rows of ours: those of sessions, and those that other services keep for their resources.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use berth_iam_policy::{Document, Kind, Malformed};

/// As many as are kept; when there are more, all are forgotten and compiled again when they are asked for.
const MOST: usize = 4096;

/// Compiled policies, by what they are and what they say.
#[derive(Default)]
pub struct Compiled(Mutex<HashMap<Key, Arc<Document>>>);

/// A kind, and a text.
type Key = (u8, Arc<str>);

impl Compiled {
    pub fn get(&self, kind: Kind, text: &str) -> Result<Arc<Document>, Malformed> {
        let text: Arc<str> = text.into();
        let key = (kind as u8, text.clone());
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let document = Arc::new(Document::parse(&text, kind)?);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(key, document.clone());
        Ok(document)
    }
}
