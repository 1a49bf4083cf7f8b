//! Rows with something sealed in them: found by the data key that sealed it, and sealed anew.

use std::convert::Infallible;
use std::marker::PhantomData;

use async_trait::async_trait;

use super::{Sealed, Sealer, Unsealing};
use crate::cell::{Cell, Transaction};
use crate::tables::{Record, View};

/// Rows that one transaction seals anew.
const AT_ONCE: usize = 100;

/// A record that keeps something sealed. Every one of them must be told to [`Rotation`](super::Rotation): what it does
/// not know of is lost with the data key that sealed it.
pub trait Seals: Record {
    fn sealed(&self) -> impl Iterator<Item = &Sealed>;

    /// Seals everything in it with the newest data key, each for its own purpose.
    fn seal_anew(&mut self, sealer: &Sealer) -> Result<(), Unsealing>;
}

/// The rows of a table, whatever they are.
#[async_trait]
pub(super) trait SealedRows: Send + Sync {
    /// Seals anew what older data keys than the newest have sealed.
    async fn seal_anew(&self, cell: &Cell, sealer: &Sealer) -> anyhow::Result<()>;

    /// Whether anything is sealed with this data key.
    fn need(&self, tx: &Transaction, key: u32) -> bool;
}

pub(super) struct RowsOf<R>(PhantomData<fn() -> R>);

impl<R> RowsOf<R> {
    pub const ALL: Self = RowsOf(PhantomData);
}

#[async_trait]
impl<R: Seals> SealedRows for RowsOf<R> {
    async fn seal_anew(&self, cell: &Cell, sealer: &Sealer) -> anyhow::Result<()> {
        let newest = sealer.newest();
        let old: Vec<R::Key> = {
            let view = cell.snapshot();
            let is_old = |row: &&R| row.sealed().any(|sealed| sealed.key() != Some(newest));
            view.table::<R>().iter().filter(is_old).map(R::key).collect()
        };
        for keys in old.chunks(AT_ONCE) {
            let (keys, sealer) = (keys.to_vec(), sealer.clone());
            cell.write(move |tx: &mut Transaction| {
                for key in keys {
                    // Read anew: it may have changed, or be gone.
                    let Some(mut row) = tx.get::<R>(&key).cloned() else { continue };
                    match row.seal_anew(&sealer) {
                        Ok(()) => drop(tx.put(row)),
                        // Its key stays, since it is needed; whoever uses the row is told the same.
                        Err(error) => tracing::error!(
                            table = ?R::TABLE, %error, "what is sealed in a row does not open"
                        ),
                    }
                }
                Ok::<_, Infallible>(())
            })
            .await?;
        }
        Ok(())
    }

    fn need(&self, tx: &Transaction, key: u32) -> bool {
        let needs = |row: &R| row.sealed().any(|sealed| sealed.key() == Some(key));
        View::table::<R>(tx).iter().any(needs)
    }
}
