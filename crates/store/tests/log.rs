//! What the log's files may look like after a crash, after damage, and after a program without a log.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use berth_store::{Batch, EmbeddedOptions, EmbeddedStore, Key, Loaded, Store, StoreError, Write};
use bytes::Bytes;
use redb::{Database, TableDefinition};
use tempfile::TempDir;

const VALUE: usize = 3_000;

/// Values without zeros, which differ from batch to batch.
fn put(n: u8) -> Batch {
    let key = Key { table: 1, key: Bytes::copy_from_slice(&[n % 5]) };
    Batch { writes: vec![Write::Put { key, value: Bytes::from(vec![n + 1; VALUE]) }] }
}

/// A directory to which so many batches were committed, in files of the log of this size.
async fn written(batches: u8, segment_bytes: u64) -> TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    let options = EmbeddedOptions { segment_bytes, ..EmbeddedOptions::default() };
    let store = EmbeddedStore::open_with(dir.path(), options).await.expect("opens");
    let fence = store.campaign("a").await.expect("leads").fence;
    for n in 0..batches {
        store.commit(fence, put(n)).await.expect("commits");
    }
    dir
}

async fn load(dir: &Path) -> Result<Loaded, StoreError> {
    EmbeddedStore::open(dir).await?.load().await
}

/// What the first so many batches leave.
fn expected(batches: u8) -> Vec<(Key, Bytes)> {
    let mut records = std::collections::BTreeMap::new();
    for write in (0..batches).flat_map(|n| put(n).writes) {
        if let Write::Put { key, value } = write {
            records.insert(key, value);
        }
    }
    records.into_iter().collect()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let log = fs::read_dir(dir.join(EmbeddedStore::LOG)).expect("there is a log");
    let mut files: Vec<PathBuf> = log.map(|entry| entry.expect("reads").path()).collect();
    files.sort();
    files
}

fn last_file(dir: &Path) -> fs::File {
    let path = files(dir).pop().expect("the log has a file");
    fs::OpenOptions::new().read(true).write(true).open(path).expect("opens")
}

/// Where the last batch lies, which is where nothing but zeros follows.
fn last_value_begins(file: &fs::File) -> u64 {
    let mut bytes =
        vec![0; usize::try_from(file.metadata().expect("is there").len()).expect("fits")];
    file.read_exact_at(&mut bytes, 0).expect("reads");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("something is written");
    (end + 1 - VALUE) as u64
}

fn expect_damage(loaded: Result<Loaded, StoreError>) {
    let error = loaded.expect_err("something that was promised is gone");
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("restore it from a backup"), "{error}");
}

/// Between creating a file of the log and writing its header, and once more before the next start has folded anything.
#[tokio::test]
async fn a_file_that_was_only_begun_is_no_damage_after_a_second_crash() {
    let dir = written(2, u64::MAX).await;
    let begun = files(dir.path()).len() + 1;
    fs::File::create(dir.path().join(EmbeddedStore::LOG).join(format!("{begun:012}")))
        .expect("creates");
    for n in 2..4 {
        let store = EmbeddedStore::open(dir.path()).await.expect("opens");
        let fence = store.campaign("a").await.expect("leads").fence;
        store.commit(fence, put(n)).await.expect("commits");
    }
    assert_eq!(load(dir.path()).await.expect("loads").records, expected(4));
}

#[tokio::test]
async fn what_is_only_in_the_log_is_loaded_again_and_again() {
    let dir = written(7, u64::MAX).await;
    for _ in 0..3 {
        let loaded = load(dir.path()).await.expect("loads");
        assert_eq!((loaded.revision.0, loaded.records), (7, expected(7)));
    }
}

#[tokio::test]
async fn loading_sees_what_is_folded_and_what_is_not() {
    let dir = tempfile::tempdir().expect("a directory");
    let options = EmbeddedOptions { segment_bytes: 10_000, ..EmbeddedOptions::default() };
    let store = EmbeddedStore::open_with(dir.path(), options).await.expect("opens");
    let fence = store.campaign("a").await.expect("leads").fence;
    for n in 0..22 {
        store.commit(fence, put(n)).await.expect("commits");
        let loaded = store.load().await.expect("loads");
        assert_eq!((loaded.revision.0, loaded.records), (u64::from(n) + 1, expected(n + 1)));
    }
    // Each load came after the folds that were begun before it.
    assert_eq!(files(dir.path()).len(), 1);
}

#[tokio::test]
async fn a_frame_that_was_not_finished_is_cut_off() {
    let dir = written(4, u64::MAX).await;
    let file = last_file(dir.path());
    // Two of its sectors never reached the disk.
    let hole = (last_value_begins(&file) / 512 + 1) * 512;
    file.write_all_at(&[0; 1024], hole).expect("writes");
    let loaded = load(dir.path()).await.expect("loads");
    assert_eq!((loaded.revision.0, loaded.records), (3, expected(3)));
    // And what comes after it takes its place.
    let store = EmbeddedStore::open(dir.path()).await.expect("opens");
    let fence = store.campaign("b").await.expect("leads").fence;
    assert_eq!(store.commit(fence, put(3)).await.expect("commits").0, 4);
    drop(store);
    assert_eq!(load(dir.path()).await.expect("loads").records, expected(4));
}

#[tokio::test]
async fn a_file_that_ends_in_a_frame_is_cut_off() {
    let dir = written(4, u64::MAX).await;
    let file = last_file(dir.path());
    file.set_len(last_value_begins(&file) + 100).expect("cuts");
    assert_eq!(load(dir.path()).await.expect("loads").records, expected(3));
}

#[tokio::test]
async fn a_last_frame_that_says_something_else_is_damage() {
    let dir = written(4, u64::MAX).await;
    let file = last_file(dir.path());
    file.write_all_at(b"something else", last_value_begins(&file) + 50).expect("writes");
    expect_damage(load(dir.path()).await);
}

#[tokio::test]
async fn no_byte_of_what_was_promised_changes_unseen() {
    let dir = written(3, u64::MAX).await;
    let file = last_file(dir.path());
    let end = last_value_begins(&file) + VALUE as u64;
    for at in (0..end).step_by(311).chain([end - 1]) {
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).expect("reads");
        file.write_all_at(&[byte[0] ^ 0x40], at).expect("writes");
        let error = load(dir.path()).await.expect_err("a byte of the log is another one");
        let is_told = matches!(error, StoreError::Corrupt { .. } | StoreError::Format { .. });
        assert!(is_told, "at {at}: {error:?}");
        file.write_all_at(&byte, at).expect("writes");
    }
    assert_eq!(load(dir.path()).await.expect("loads").records, expected(3));
}

#[tokio::test]
async fn a_hole_before_whole_frames_is_damage() {
    let dir = written(4, u64::MAX).await;
    let file = last_file(dir.path());
    let earlier = last_value_begins(&file) - 2 * VALUE as u64;
    file.write_all_at(&[0; 1024], (earlier / 512 + 1) * 512).expect("writes");
    expect_damage(load(dir.path()).await);
}

#[tokio::test]
async fn a_missing_file_is_damage() {
    let dir = written(4, u64::MAX).await;
    for _ in 0..2 {
        let store = EmbeddedStore::open(dir.path()).await.expect("opens");
        let fence = store.campaign("a").await.expect("leads").fence;
        store.commit(fence, put(9)).await.expect("commits");
    }
    let files = files(dir.path());
    assert_eq!(files.len(), 3);
    fs::remove_file(&files[1]).expect("deletes");
    expect_damage(load(dir.path()).await);
}

#[tokio::test]
async fn a_store_without_a_log_goes_on_with_one() {
    let dir = tempfile::tempdir().expect("a directory");
    let meta: TableDefinition<&str, u64> = TableDefinition::new("meta");
    let records: TableDefinition<&[u8], &[u8]> = TableDefinition::new("records");
    let database = Database::create(dir.path().join(EmbeddedStore::FILE)).expect("creates");
    let transaction = database.begin_write().expect("begins");
    for (entry, number) in [("format", 1), ("fence", 7), ("revision", 41)] {
        transaction.open_table(meta).expect("opens").insert(entry, number).expect("inserts");
    }
    let old = [0, 1, b'o', b'l', b'd'];
    transaction.open_table(records).expect("opens").insert(&old[..], &b"1"[..]).expect("inserts");
    transaction.commit().expect("commits");
    drop(database);

    let store = EmbeddedStore::open(dir.path()).await.expect("opens");
    let fence = store.campaign("a").await.expect("leads").fence;
    assert_eq!(fence.0, 8);
    assert_eq!(store.commit(fence, put(0)).await.expect("commits").0, 42);
    drop(store);
    let loaded = load(dir.path()).await.expect("loads");
    let keys: Vec<&[u8]> = loaded.records.iter().map(|(key, _)| key.key.as_ref()).collect();
    assert_eq!((loaded.revision.0, keys), (42, vec![&[0][..], b"old"]));
}
