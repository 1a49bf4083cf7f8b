//! What was worked out from tables, for as long as none of them changes.
//!
//! A snapshot shares every table that its writer has left alone. So whether a table is the very one that it was is a look
//! at a pointer, and what was worked out from some is true of every snapshot that has the same. Whoever takes something
//! away need not know who remembers it.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Snapshot;
use crate::tables::TableId;
use crate::tables::working::Published as PublishedTable;

/// Answers by their questions. For tables that are read far more often than written: each write forgets everything.
pub struct Remembered<K, V> {
    tables: &'static [TableId],
    most: usize,
    kept: Mutex<Kept<K, V>>,
}

struct Kept<K, V> {
    /// The tables that the answers are about; kept, so that no other ever has their places in memory.
    basis: Vec<PublishedTable>,
    /// Looked up for each call. There are few, and who may choose a question is known: a plain hash is enough.
    answers: HashMap<K, V, foldhash::fast::RandomState>,
}

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    /// Answers that depend on these tables and nothing else. When there are more than `most`, all are forgotten.
    pub fn of(tables: &'static [TableId], most: usize) -> Self {
        let kept = Kept { basis: Vec::new(), answers: HashMap::default() };
        Remembered { tables, most, kept: Mutex::new(kept) }
    }

    /// What was kept in a snapshot in which all the tables were as they are in this one.
    pub fn get<Q>(&self, snapshot: &Snapshot, question: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let kept = self.lock();
        if !self.is_of(&kept, snapshot) {
            return None;
        }
        kept.answers.get(question).cloned()
    }

    /// Remembers what was worked out in this snapshot.
    pub fn keep(&self, snapshot: &Snapshot, question: K, answer: V) {
        let mut kept = self.lock();
        if !self.is_of(&kept, snapshot) {
            let tables = self.tables.iter().map(|table| snapshot.published(*table).clone());
            kept.basis = tables.collect();
            kept.answers.clear();
        } else if kept.answers.len() >= self.most {
            kept.answers.clear();
        }
        kept.answers.insert(question, answer);
    }

    fn is_of(&self, kept: &Kept<K, V>, snapshot: &Snapshot) -> bool {
        kept.basis.len() == self.tables.len()
            && self
                .tables
                .iter()
                .zip(&kept.basis)
                .all(|(table, basis)| Arc::ptr_eq(snapshot.published(*table), basis))
    }

    fn lock(&self) -> MutexGuard<'_, Kept<K, V>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
