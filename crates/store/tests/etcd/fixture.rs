//! Clusters, stores on them, and batches that show if they are torn.

use std::time::Duration;

use berth_store::{Batch, EtcdOptions, EtcdStore, Fence, Key, Loaded, Revision, Store, Write};
use berth_test_etcd::{Cluster, Options};
use bytes::Bytes;

pub const PREFIX: &str = "/test";

#[track_caller]
pub fn members(members: usize) -> Option<Cluster> {
    Options { members, ..Options::default() }.start()
}

pub fn options(cluster: &Cluster) -> EtcdOptions {
    EtcdOptions {
        // Longer than a busy machine may leave us alone; tests that wait for it have a shorter one.
        lease: Duration::from_secs(20),
        patience: Duration::from_secs(20),
        ..EtcdOptions::new(cluster.endpoints(), PREFIX)
    }
}

pub async fn open(cluster: &Cluster) -> EtcdStore {
    EtcdStore::open(options(cluster)).await.expect("opens")
}

pub async fn lead(store: &EtcdStore) -> Fence {
    store.campaign("a test").await.expect("leads").fence
}

pub fn put(key: &str, value: impl Into<Bytes>) -> Write {
    let key = Key { table: 1, key: Bytes::copy_from_slice(key.as_bytes()) };
    Write::Put { key, value: value.into() }
}

pub fn one(key: &str, value: &str) -> Batch {
    Batch { writes: vec![put(key, value.to_owned())] }
}

/// Batch `n` writes `n` under so many keys, so many bytes each: half of it would show as two different values.
pub fn uniform(n: u64, keys: usize, bytes: usize) -> Batch {
    let value = Bytes::from(n.to_be_bytes().repeat(bytes / 8));
    Batch { writes: (0..keys).map(|key| put(&format!("{key:06}"), value.clone())).collect() }
}

/// The number of the batch that all of these are of.
#[track_caller]
pub fn number(values: impl IntoIterator<Item = Bytes>, keys: usize) -> u64 {
    let all: Vec<Bytes> = values.into_iter().collect();
    let number = |value: &Bytes| u64::from_be_bytes(value[..8].try_into().expect("eight bytes"));
    let first = all.first().map_or(0, number);
    assert!(all.iter().all(|value| number(value) == first), "half of a batch is there");
    assert!(all.is_empty() || all.len() == keys, "part of a batch is missing");
    first
}

/// What was loaded is one whole batch, and the revision's.
#[track_caller]
pub fn check_uniform(loaded: Loaded, keys: usize) -> Revision {
    let found = number(loaded.records.into_iter().map(|(_, value)| value), keys);
    assert_eq!(loaded.revision.0, found, "the revision does not belong to the records");
    loaded.revision
}
