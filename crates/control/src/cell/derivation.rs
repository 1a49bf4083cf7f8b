//! Rows that follow from other rows.

use std::sync::Arc;

use super::Transaction;
use crate::tables::{Change, TableId};

/// Writes what follows from a transaction, as a part of it: so none of it is lost, and none is there without its cause.
///
/// It runs once at the end of every transaction that was not refused and changed a table that it reads. What
/// derivations write is told to none of them. It runs on the writer and makes every such transaction longer.
pub trait Derivation: Send + Sync + 'static {
    /// The tables whose changes it wants to see.
    fn reads(&self) -> Vec<TableId>;

    /// `changes` is the transaction's net effect on those tables, by table and key; at least one.
    fn derive(&self, tx: &mut Transaction, changes: &[Change]);
}

/// A derivation, with the slots of the tables that it reads.
#[derive(Clone)]
pub(super) struct Derive {
    pub derivation: Arc<dyn Derivation>,
    pub slots: Arc<[usize]>,
}
