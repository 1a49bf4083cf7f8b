//! What only a file can do: be locked, be damaged, be of another format, be quick to reopen.

use std::fs;

use berth_store::{Batch, EmbeddedStore, Key, Store, StoreError, Write};
use bytes::Bytes;
use redb::{Database, TableDefinition};

fn put(key: &str, value: &str) -> Batch {
    let key = Key { table: 1, key: Bytes::copy_from_slice(key.as_bytes()) };
    Batch { writes: vec![Write::Put { key, value: Bytes::copy_from_slice(value.as_bytes()) }] }
}

#[tokio::test]
async fn a_second_server_on_the_same_directory_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = EmbeddedStore::open(dir.path()).await.expect("opens");
    let error = EmbeddedStore::open(dir.path()).await.expect_err("is in use");
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    assert!(error.to_string().contains("in use by another process"), "{error}");
    drop(first);
    EmbeddedStore::open(dir.path()).await.expect("opens once the first is closed");
}

#[tokio::test]
async fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("not/yet/there");
    let store = EmbeddedStore::open(&path).await.expect("opens");
    let mode = fs::metadata(path.join(EmbeddedStore::FILE)).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    drop(store);
}

#[tokio::test]
async fn what_is_no_store_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join(EmbeddedStore::FILE);
    let content = b"these are somebody's notes, ".repeat(500);
    fs::write(&path, &content).expect("writes");
    let error = EmbeddedStore::open(dir.path()).await.expect_err("is no store");
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("restore it from a backup"), "{error}");
    assert_eq!(fs::read(&path).expect("reads"), content);
}

#[tokio::test]
async fn a_cut_off_file_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = EmbeddedStore::open(dir.path()).await.expect("opens");
    let fence = store.campaign("a").await.expect("leads").fence;
    store.commit(fence, put("a", &"long ".repeat(100_000))).await.expect("commits");
    drop(store);
    let path = dir.path().join(EmbeddedStore::FILE);
    let length = fs::metadata(&path).expect("is there").len();
    fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .expect("opens")
        .set_len(length / 2)
        .expect("cuts");
    let opened = match EmbeddedStore::open(dir.path()).await {
        Ok(store) => store.load().await.map(drop),
        Err(error) => Err(error),
    };
    let error = opened.expect_err("half of it is gone");
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
}

#[tokio::test]
async fn another_programs_database_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let theirs: TableDefinition<u64, u64> = TableDefinition::new("accounts");
    let database = Database::create(dir.path().join(EmbeddedStore::FILE)).expect("creates");
    let transaction = database.begin_write().expect("begins");
    transaction.open_table(theirs).expect("opens").insert(1, 2).expect("inserts");
    transaction.commit().expect("commits");
    drop(database);
    let error = EmbeddedStore::open(dir.path()).await.expect_err("is not ours");
    assert!(error.to_string().contains("`accounts`"), "{error}");
}

#[tokio::test]
async fn a_file_of_a_later_format_is_refused_by_number() {
    let dir = tempfile::tempdir().expect("a directory");
    drop(EmbeddedStore::open(dir.path()).await.expect("opens"));
    let meta: TableDefinition<&str, u64> = TableDefinition::new("meta");
    let database = Database::create(dir.path().join(EmbeddedStore::FILE)).expect("opens");
    let transaction = database.begin_write().expect("begins");
    transaction.open_table(meta).expect("opens").insert("format", 99).expect("inserts");
    transaction.commit().expect("commits");
    drop(database);
    let error = EmbeddedStore::open(dir.path()).await.expect_err("is from the future");
    assert!(matches!(error, StoreError::Format { found: 99, supported: 2, .. }), "{error}");
}

#[tokio::test]
async fn leadership_ends_with_the_store() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = EmbeddedStore::open(dir.path()).await.expect("opens");
    let leadership = store.campaign("a").await.expect("leads");
    drop(store);
    assert!(*leadership.lost.borrow());
}
