//! The suite, on every store.

use berth_store::conformance::Factory;
use std::time::Duration;

use berth_store::{EmbeddedOptions, EmbeddedStore, EtcdOptions, EtcdStore, MemoryStore};
use berth_test_etcd::Cluster;
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

/// A cluster of one.
struct Etcd(Cluster);

impl Factory for Etcd {
    type Store = EtcdStore;

    async fn open(&self) -> EtcdStore {
        let options = EtcdOptions {
            // No test waits for it, and a busy machine may not run us for a while.
            lease: Duration::from_secs(20),
            history_batches: HISTORY as u64,
            ..EtcdOptions::new(self.0.endpoints(), "/conformance")
        };
        EtcdStore::open(options).await.expect("opens")
    }

    async fn beside(&self, _: &EtcdStore) -> Option<EtcdStore> {
        Some(self.open().await)
    }

    fn history(&self) -> usize {
        HISTORY
    }

    async fn forget(&self, store: &EtcdStore) {
        store.fold().await.expect("folds");
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

mod etcd {
    berth_store::conformance!(match berth_test_etcd::Options::default().start() {
        Some(cluster) => super::Etcd(cluster),
        None => return,
    });
}
