//! The tables that a cell holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::working::{Working, WorkingTable};
use super::{Record, TableId};
use crate::cell::Derivation;

/// Which tables there are. Services register theirs before the cell is opened.
#[derive(Default)]
pub struct Schema {
    tables: BTreeMap<u16, Entry>,
    derivations: Vec<Arc<dyn Derivation>>,
}

struct Entry {
    id: TableId,
    make: fn() -> Box<dyn WorkingTable>,
}

impl Schema {
    pub fn new() -> Self {
        Schema::default()
    }

    /// # Panics
    /// If the number is taken: two services would read each other's rows.
    pub fn table<R: Record>(&mut self) -> &mut Self {
        let entry = Entry { id: R::TABLE, make: || Box::new(Working::<R>::default()) };
        if let Some(other) = self.tables.insert(R::TABLE.number, entry) {
            panic!("tables {:?} and {:?} have the same number", other.id, R::TABLE);
        }
        self
    }

    /// Has rows written in the transactions that they follow from. Derivations run in the order in which they were added.
    pub fn derive(&mut self, derivation: impl Derivation) -> &mut Self {
        self.derivations.push(Arc::new(derivation));
        self
    }

    pub fn ids(&self) -> impl Iterator<Item = TableId> {
        self.tables.values().map(|entry| entry.id)
    }

    pub(crate) fn derivations(&self) -> &[Arc<dyn Derivation>] {
        &self.derivations
    }

    /// Empty tables, by number.
    pub(crate) fn make(&self) -> Vec<Box<dyn WorkingTable>> {
        self.tables.values().map(|entry| (entry.make)()).collect()
    }
}
