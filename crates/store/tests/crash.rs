//! Kills a process that writes, at random moments, and looks at what it left.
//!
//! The child is this same test binary, told by an environment variable to be the writer. It prints the
//! number of each batch once the store says that it is durable.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use berth_store::{Batch, EmbeddedOptions, EmbeddedStore, Key, Store, Write};
use bytes::Bytes;

const DIRECTORY: &str = "BERTH_STORE_CRASH_DIRECTORY";
const KEYS: u64 = 7;

/// Batch `n` writes `n` under every key, so that a half-written one would show as two different values.
fn batch(n: u64) -> Batch {
    let value = Bytes::from(n.to_be_bytes().repeat(50));
    let write = |key: u64| Write::Put {
        key: Key { table: 1, key: Bytes::copy_from_slice(&key.to_be_bytes()) },
        value: value.clone(),
    };
    Batch { writes: (0..KEYS).map(write).collect() }
}

/// The number of the batch that the store holds.
async fn last_batch(store: &EmbeddedStore) -> u64 {
    let loaded = store.load().await.expect("loads");
    let numbers: Vec<u64> = loaded
        .records
        .iter()
        .map(|(_, value)| u64::from_be_bytes(value[..8].try_into().expect("eight bytes")))
        .collect();
    let last = numbers.first().copied().unwrap_or(0);
    assert!(
        numbers.is_empty() || numbers.len() as u64 == KEYS,
        "part of a batch is missing: {numbers:?}"
    );
    assert!(numbers.iter().all(|number| *number == last), "half of a batch is there: {numbers:?}");
    assert_eq!(loaded.revision.0, last, "the revision does not belong to the records");
    last
}

/// What the child does until it is killed. Every few batches the log has a file that is folded meanwhile.
async fn write_for_ever(directory: &Path) {
    let options = EmbeddedOptions { segment_bytes: 10_000, ..EmbeddedOptions::default() };
    let store = EmbeddedStore::open_with(directory, options).await.expect("opens");
    let fence = store.campaign("child").await.expect("leads").fence;
    let mut n = last_batch(&store).await;
    loop {
        n += 1;
        store.commit(fence, batch(n)).await.expect("commits");
        println!("\nacknowledged {n}");
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_and_nothing_is_half_written() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        write_for_ever(Path::new(&directory)).await;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let mut before = 0;
    // Each round lets the child get further before it is killed, in the middle of its next commit.
    for round in 1..=12_u64 {
        let acknowledged = run_and_kill(directory.path(), round * 3);
        let store = EmbeddedStore::open(directory.path()).await.expect("opens after the kill");
        let found = last_batch(&store).await;
        assert!(
            found >= acknowledged,
            "batch {acknowledged} was acknowledged but {found} is the last there"
        );
        assert!(
            acknowledged >= before + round * 3,
            "the child did not begin where the last one ended"
        );
        before = found;
    }
}

/// Starts a child, kills it after so many acknowledgements, and returns the last that it gave.
fn run_and_kill(directory: &Path, acknowledgements: u64) -> u64 {
    let binary = std::env::current_exe().expect("a test has a binary");
    let mut child = Command::new(binary)
        .args([
            "--exact",
            "nothing_acknowledged_is_lost_and_nothing_is_half_written",
            "--nocapture",
        ])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let output = BufReader::new(child.stdout.take().expect("is piped"));
    let mut numbers =
        output.lines().filter_map(|line| line.ok()?.strip_prefix("acknowledged ")?.parse().ok());
    let mut last = 0;
    for _ in 0..acknowledgements {
        last = numbers.next().expect("the child goes on until it is killed");
    }
    child.kill().expect("is alive");
    child.wait().expect("is over");
    // What it had said before the signal reached it counts, too.
    numbers.last().unwrap_or(last)
}
