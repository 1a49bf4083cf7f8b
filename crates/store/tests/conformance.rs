//! The suite, on every store.

use berth_store::conformance::Factory;
use berth_store::{EmbeddedOptions, EmbeddedStore, MemoryStore};
use tempfile::TempDir;

const HISTORY: usize = 8;

/// Clones of one memory.
struct Memory(MemoryStore);

impl Factory for Memory {
    type Store = MemoryStore;

    async fn open(&self) -> MemoryStore {
        self.0.clone()
    }

    async fn beside(&self, store: &MemoryStore) -> Option<MemoryStore> {
        Some(store.peer())
    }

    fn history(&self) -> usize {
        HISTORY
    }
}

/// One directory.
struct Embedded(TempDir);

impl Factory for Embedded {
    type Store = EmbeddedStore;

    async fn open(&self) -> EmbeddedStore {
        let options = EmbeddedOptions { history_batches: HISTORY, ..EmbeddedOptions::default() };
        EmbeddedStore::open_with(self.0.path(), options).await.expect("opens")
    }

    async fn beside(&self, _: &EmbeddedStore) -> Option<EmbeddedStore> {
        None
    }

    fn history(&self) -> usize {
        HISTORY
    }
}

mod memory {
    berth_store::conformance!(super::Memory(berth_store::MemoryStore::with_history(
        super::HISTORY
    )));
}

mod embedded {
    berth_store::conformance!(super::Embedded(tempfile::tempdir().expect("a directory")));
}
