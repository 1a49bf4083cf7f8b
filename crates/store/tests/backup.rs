//! Files that hold a store, whole or refused.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use berth_store::backup::{self, BackupError, Summary};
use berth_store::{
    Batch, EmbeddedStore, EtcdOptions, EtcdStore, Key, Loaded, MemoryStore, Revision, Store, Write,
};
use bytes::Bytes;
use tempfile::TempDir;

fn record(table: u16, key: &'static [u8], value: impl Into<Bytes>) -> (Key, Bytes) {
    (Key { table, key: Bytes::from_static(key) }, value.into())
}

fn sample() -> Loaded {
    let records = vec![
        record(1, b"", ""),
        record(1, b"a", "one"),
        record(1, b"a\0", vec![0xff; 20_000]),
        record(2, b"\xff\xff", "last"),
    ];
    Loaded { revision: Revision(42), records }
}

fn written(dir: &TempDir) -> PathBuf {
    let path = dir.path().join("backup");
    backup::write(&path, &sample()).expect("writes");
    path
}

fn dir() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

#[test]
fn what_was_written_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let dir = dir();
    let path = written(&dir);
    assert!(backup::read(&path).expect("reads") == sample());
    assert_eq!(fs::metadata(&path).expect("is there").permissions().mode() & 0o777, 0o600);
    let names: Vec<_> = fs::read_dir(dir.path()).expect("reads").flatten().collect();
    assert_eq!(names.len(), 1, "nothing unfinished is left: {names:?}");
    let refused = backup::write(&path, &Loaded::default()).expect_err("it is there already");
    assert!(
        matches!(&refused, BackupError::Io { source, .. } if source.kind() == ErrorKind::AlreadyExists),
        "{refused}"
    );
    assert!(backup::read(&path).expect("reads") == sample(), "it was left alone");
}

/// The file of an older program, byte by byte: it must stay readable.
#[test]
fn a_file_of_format_1_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/backup/format-1");
    let loaded = backup::read(&path).expect("reads");
    let records = vec![record(1, b"", ""), record(1, b"a", "one"), record(200, b"\xff", "two")];
    assert_eq!(loaded, Loaded { revision: Revision(7), records });
    // And today's program still writes the same.
    let dir = dir();
    let again = dir.path().join("again");
    backup::write(&again, &loaded).expect("writes");
    assert_eq!(fs::read(again).expect("reads"), fs::read(path).expect("reads"));
}

#[test]
fn a_changed_byte_anywhere_is_noticed() {
    let dir = dir();
    let path = written(&dir);
    let whole = fs::read(&path).expect("reads");
    let edges = (0..120).chain(whole.len() - 120..whole.len());
    for at in edges {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        fs::write(&path, &changed).expect("writes");
        let error = backup::read(&path).expect_err("it was changed");
        match at {
            0..8 => assert!(matches!(error, BackupError::Foreign { .. }), "{at}: {error}"),
            8..12 => assert!(matches!(error, BackupError::Format { .. }), "{at}: {error}"),
            _ => assert!(matches!(error, BackupError::Damaged { .. }), "{at}: {error}"),
        }
    }
}

#[test]
fn a_file_that_comes_from_elsewhere_is_whole_or_not_there() {
    let dir = dir();
    let path = dir.path().join("received");
    let mut sent = Vec::new();
    backup::encode(&sample(), &mut sent).expect("memory takes it");
    let error = backup::receive(&path, &sent[..sent.len() - 1]).expect_err("it broke off");
    assert!(matches!(error, BackupError::Damaged { .. }), "{error}");
    assert_eq!(fs::read_dir(dir.path()).expect("reads").count(), 0);
    let received = backup::receive(&path, &sent[..]).expect("is whole");
    assert_eq!(received, Summary { revision: Revision(42), records: 4 });
    assert!(backup::read(&path).expect("reads") == sample());
}

#[test]
fn a_file_that_is_cut_off_or_goes_on_is_refused() {
    let dir = dir();
    let path = written(&dir);
    let whole = fs::read(&path).expect("reads");
    for length in [12, 20, 27, 28, 50, whole.len() / 2, whole.len() - 32, whole.len() - 1] {
        fs::write(&path, &whole[..length]).expect("writes");
        let error = backup::read(&path).expect_err("it was cut off");
        assert!(matches!(error, BackupError::Damaged { .. }), "{length}: {error}");
    }
    fs::write(&path, [&whole[..], b"x"].concat()).expect("writes");
    let error = backup::read(&path).expect_err("something follows");
    assert!(error.to_string().contains("follows its end"), "{error}");
    fs::write(&path, b"PK\x03\x04, an archive").expect("writes");
    let error = backup::read(&path).expect_err("is somebody else's");
    assert!(error.to_string().contains("no backup of Berth"), "{error}");
}

async fn filled(store: &impl Store) -> Loaded {
    let fence = store.campaign("a").await.expect("leads").fence;
    let put = |(key, value)| Write::Put { key, value };
    let batch = Batch { writes: sample().records.into_iter().map(put).collect() };
    store.commit(fence, batch).await.expect("commits");
    store.resign(fence).await.expect("resigns");
    store.load().await.expect("loads")
}

#[tokio::test]
async fn a_store_comes_back_from_its_backup() {
    let dir = dir();
    let store = MemoryStore::new();
    let loaded = filled(&store).await;
    let path = dir.path().join("backup");
    let saved = backup::save(&store, &path).await.expect("saves");
    assert_eq!(saved, Summary { revision: Revision(1), records: 4 });
    let read = backup::read(&path).expect("reads");
    let embedded = EmbeddedStore::open(dir.path().join("data")).await.expect("opens");
    backup::refill(&embedded, &read).await.expect("fills");
    assert!(embedded.load().await.expect("loads") == loaded);
    let error = backup::refill(&embedded, &read).await.expect_err("it is not empty any more");
    assert!(matches!(error, BackupError::NotEmpty { records: 4, .. }), "{error}");
}

#[tokio::test]
async fn a_store_moves_to_etcd_and_back() {
    let Some(cluster) = berth_test_etcd::Options::default().start() else { return };
    let etcd =
        EtcdStore::open(EtcdOptions::new(cluster.endpoints(), "/cell")).await.expect("opens");
    let loaded = filled(&MemoryStore::new()).await;
    backup::refill(&etcd, &loaded).await.expect("fills");
    let there = etcd.load().await.expect("loads");
    let back = MemoryStore::new();
    backup::refill(&back, &there).await.expect("fills");
    assert!(back.load().await.expect("loads") == loaded);
}
