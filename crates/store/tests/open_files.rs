//! A process that may open no more files. The limit holds for all of a process, so this is alone in its own.

use std::fs::{self, File};

use berth_store::{Batch, EmbeddedOptions, EmbeddedStore, Key, Store, Write};
use bytes::Bytes;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const FILES: u64 = 128;
const VALUE: usize = 1_000;

fn put(n: u8) -> Batch {
    let key = Key { table: 1, key: Bytes::copy_from_slice(&[n]) };
    Batch { writes: vec![Write::Put { key, value: Bytes::from(vec![n + 1; VALUE]) }] }
}

#[tokio::test]
async fn the_log_goes_on_in_the_file_it_has_and_is_folded_later() {
    let dir = tempfile::tempdir().expect("a directory");
    let log = dir.path().join(EmbeddedStore::LOG);
    let log_files = || fs::read_dir(&log).expect("there is a log").count();
    let options = EmbeddedOptions { segment_bytes: 4 * VALUE as u64, ..EmbeddedOptions::default() };
    let store = EmbeddedStore::open_with(dir.path(), options).await.expect("opens");
    let fence = store.campaign("a").await.expect("leads").fence;
    store.commit(fence, put(0)).await.expect("commits");

    let hard = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(FILES), maximum: hard })
        .expect("lowers the limit");
    let mut taken: Vec<File> = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        taken.push(file);
    }
    for n in 1..20 {
        store.commit(fence, put(n)).await.expect("commits to the file it has");
    }

    drop(taken);
    assert_eq!(log_files(), 1, "no other file could be begun");
    for n in 20..30 {
        store.commit(fence, put(n)).await.expect("commits");
    }
    let loaded = store.load().await.expect("loads");
    assert_eq!((loaded.revision.0, loaded.records.len()), (30, 30));
    drop(store);
    let loaded = EmbeddedStore::open(dir.path()).await.expect("opens").load().await.expect("loads");
    assert_eq!((loaded.revision.0, loaded.records.len()), (30, 30));
}
