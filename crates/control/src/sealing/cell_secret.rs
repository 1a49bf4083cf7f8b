//! What all servers of a cell must have, and nobody else: sealed in the store, made once, by whoever leads first.

use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use super::{Purpose, Sealed, Sealer, Seals, Unsealing};
use crate::cell::{Cell, Snapshot};
use crate::cell::{Transaction, WriteError};
use crate::tables::{Record, TableId};

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CellSecret {
    /// Such as `administrator`.
    #[n(0)]
    pub name: String,
    #[n(1)]
    pub sealed: Sealed,
}

impl Record for CellSecret {
    const TABLE: TableId = TableId::new(3, "cell-secrets");
    type Key = String;
    type Indexes = ();

    fn key(&self) -> String {
        self.name.clone()
    }

    crate::record_codec!();
}

impl Seals for CellSecret {
    fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        std::iter::once(&self.sealed)
    }

    fn seal_anew(&mut self, sealer: &Sealer) -> Result<(), Unsealing> {
        sealer.seal_anew(purpose(&self.name), &mut self.sealed)
    }
}

impl CellSecret {
    /// The secret of this name, if it is made.
    pub fn find(
        snapshot: &Snapshot,
        sealer: &Sealer,
        name: &str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Unsealing> {
        let row = snapshot.get::<CellSecret>(&name.to_owned());
        row.map(|row| sealer.unseal(purpose(name), &row.sealed)).transpose()
    }

    /// Keeps this under the name, unless something is kept there already.
    pub async fn offer(
        cell: &Cell,
        sealer: &Sealer,
        name: &str,
        secret: &[u8],
    ) -> Result<(), WriteError<std::convert::Infallible>> {
        let row = CellSecret { name: name.to_owned(), sealed: sealer.seal(purpose(name), secret) };
        cell.write(move |tx: &mut Transaction| {
            if tx.get::<CellSecret>(&row.name).is_none() {
                tx.put(row);
            }
            Ok(())
        })
        .await
    }
}

fn purpose(name: &str) -> Purpose<'_> {
    Purpose { kind: "cell.secret", of: name.as_bytes() }
}
