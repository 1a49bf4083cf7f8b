//! From a store to a file, and from what was loaded to an empty store.

use std::path::Path;

use super::{BackupError, Summary, write};
use crate::{Batch, Loaded, Store, Write};

/// Writes what the store has, as it is at one revision.
pub async fn save(store: &dyn Store, path: &Path) -> Result<Summary, BackupError> {
    write(path, &store.load().await?)
}

/// Fills an empty store, in one batch: so it is filled or still empty, whatever happens meanwhile.
///
/// It leads while it does so. Revisions begin anew.
pub async fn refill(store: &dyn Store, loaded: &Loaded) -> Result<Summary, BackupError> {
    check_empty(store).await?;
    let leadership = store.campaign("a restoration").await?;
    let filled = async {
        // Nobody else writes from here on.
        check_empty(store).await?;
        let put = |(key, value): &(_, _)| Write::Put {
            key: Clone::clone(key),
            value: Clone::clone(value),
        };
        let batch = Batch { writes: loaded.records.iter().map(put).collect() };
        let revision = store.commit(leadership.fence, batch).await?;
        let found = store.load().await?;
        match found.records == loaded.records {
            true => Ok(Summary { revision, records: found.records.len() }),
            false => Err(BackupError::Differs),
        }
    };
    let filled = filled.await;
    store.resign(leadership.fence).await?;
    filled
}

async fn check_empty(store: &dyn Store) -> Result<(), BackupError> {
    // The head is asked first: most stores that are not empty are large.
    if store.head().await?.0 == 0 {
        return Ok(());
    }
    let Loaded { revision, records } = store.load().await?;
    Err(BackupError::NotEmpty { revision, records: records.len() })
}
