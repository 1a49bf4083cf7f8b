//! How a cell ends, and what does not end it.

use std::convert::Infallible;
use std::time::Duration;

use berth_store::{Faults, MemoryStore, Store};
use futures_util::FutureExt;
use futures_util::future::join_all;

use super::fixture::{EXPLOSIVE, Item, item, open, places, put};
use crate::cell::{CellError, WriteError};

#[tokio::test(start_paused = true)]
async fn a_failed_commit_ends_the_cell_and_tells_everybody() {
    let store = MemoryStore::new();
    let cell = open(&store).await;
    put(&cell, item(1, "a")).await.expect("commits");
    assert!(cell.failed().now_or_never().is_none());
    store.set_faults(Faults { delay: Duration::from_secs(1), refuse: 1, ..Faults::default() });
    let answers = join_all((2..10).map(|id| put(&cell, item(id, "a")))).await;
    for answer in answers {
        let Err(WriteError::Cell(CellError::Commit(error))) = answer else { panic!("{answer:?}") };
        assert!(error.to_string().contains("refuse"), "{error}");
    }
    assert!(matches!(cell.failed().await, CellError::Commit(_)));
    assert!(matches!(put(&cell, item(11, "a")).await, Err(WriteError::Cell(CellError::Commit(_)))));
    assert!(matches!(cell.close().await, Err(CellError::Commit(_))));
    assert_eq!(places(&cell).len(), 1, "what was never durable was never visible");
    assert_eq!(places(&open(&store).await).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_commit_whose_answer_is_lost_is_there_after_reopening() {
    let store = MemoryStore::new();
    let cell = open(&store).await;
    store.set_faults(Faults { lose_answer: 1, ..Faults::default() });
    assert!(matches!(put(&cell, item(1, "a")).await, Err(WriteError::Cell(CellError::Commit(_)))));
    assert_eq!(places(&open(&store).await), [(1, "a".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_new_leader_ends_the_old_cell() {
    let store = MemoryStore::new();
    let old = open(&store).await;
    let new = open(&store).await;
    assert_eq!(old.failed().await, CellError::LeadershipLost);
    assert_eq!(put(&old, item(1, "old")).await, Err(WriteError::Cell(CellError::LeadershipLost)));
    put(&new, item(1, "new")).await.expect("commits");
    assert_eq!(places(&new), [(1, "new".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_crash_loses_only_what_was_not_answered() {
    let store = MemoryStore::new();
    let cell = open(&store).await;
    put(&cell, item(1, "a")).await.expect("commits");
    store.set_faults(Faults { delay: Duration::from_secs(1), ..Faults::default() });
    let unlucky = tokio::spawn({
        let cell = cell.clone();
        async move { put(&cell, item(2, "a")).await }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    store.crash();
    assert!(unlucky.await.expect("joins").is_err());
    assert_eq!(places(&open(&store).await), [(1, "a".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_panicking_transaction_is_undone_and_the_cell_goes_on() {
    let cell = open(&MemoryStore::new()).await;
    let panicked = cell
        .write(|tx| -> Result<(), Infallible> {
            tx.put(item(1, "a"));
            panic!("a bug in number {}", 7)
        })
        .await;
    assert_eq!(panicked, Err(WriteError::Panicked("a bug in number 7".to_owned())));
    put(&cell, item(2, "b")).await.expect("commits");
    assert_eq!(places(&cell), [(2, "b".to_owned())]);
    assert_eq!(cell.snapshot().table::<Item>().indexes().weight, 1);
}

#[tokio::test(start_paused = true)]
async fn an_index_that_panics_halfway_ends_the_cell() {
    let cell = open(&MemoryStore::new()).await;
    let answer = put(&cell, item(1, EXPLOSIVE)).await;
    let Err(WriteError::Cell(CellError::Broken { table, reason })) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(table.map(|table| table.name), Some("items"));
    assert!(reason.contains("breaks the index"), "{reason}");
    assert!(matches!(cell.failed().await, CellError::Broken { .. }));
}

#[tokio::test(start_paused = true)]
async fn closing_finishes_what_was_sent_and_takes_no_more() {
    let store = MemoryStore::new();
    let cell = open(&store).await;
    store.set_faults(Faults { delay: Duration::from_secs(1), ..Faults::default() });
    let writes = join_all((0..20).map(|id| put(&cell, item(id, "a"))));
    let (answers, closed) = futures_util::join!(writes, cell.close());
    assert!(answers.iter().all(Result::is_ok));
    closed.expect("closes");
    assert_eq!(put(&cell, item(99, "a")).await, Err(WriteError::Cell(CellError::Closed)));
    assert_eq!(cell.failed().await, CellError::Closed);
    assert_eq!(cell.close().await, Ok(()));
    assert_eq!(store.load().await.expect("loads").records.len(), 20);
}
