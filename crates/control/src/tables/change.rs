//! One row's committed change, typed for whoever knows its table.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::{Record, TableId};

pub(crate) type AnyRow = Arc<dyn Any + Send + Sync>;

/// A row before and after one transaction. Cheap to clone.
#[derive(Clone)]
pub struct Change {
    table: TableId,
    before: Option<AnyRow>,
    after: Option<AnyRow>,
}

/// A change of a table that the reader knows. At least one side is there.
pub struct Changed<'a, R> {
    pub before: Option<&'a R>,
    pub after: Option<&'a R>,
}

impl Change {
    pub(crate) fn new<R: Record>(before: Option<Arc<R>>, after: Option<Arc<R>>) -> Self {
        Change {
            table: R::TABLE,
            before: before.map(|row| row as AnyRow),
            after: after.map(|row| row as AnyRow),
        }
    }

    pub fn table(&self) -> TableId {
        self.table
    }

    /// The change, if it is one of this table.
    pub fn of<R: Record>(&self) -> Option<Changed<'_, R>> {
        let before = self.before.as_ref().and_then(|row| row.downcast_ref::<R>());
        let after = self.after.as_ref().and_then(|row| row.downcast_ref::<R>());
        (before.is_some() || after.is_some()).then_some(Changed { before, after })
    }
}

impl<'a, R: Record> Changed<'a, R> {
    /// The row as it is, or as it was before it was deleted.
    pub fn latest(&self) -> &'a R {
        self.after.or(self.before).expect("a change has at least one side")
    }

    pub fn key(&self) -> R::Key {
        self.latest().key()
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match (&self.before, &self.after) {
            (None, _) => "created",
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "deleted",
        };
        write!(f, "{:?} {what}", self.table)
    }
}
