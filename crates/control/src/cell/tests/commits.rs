//! Order, groups, what is visible when.

use std::convert::Infallible;
use std::time::Duration;

use berth_store::{Faults, MemoryStore, Revision as StoreRevision, Store};
use futures_util::future::join_all;
use tokio::time::Instant;

use super::fixture::{Item, Label, item, open, places, put};
use crate::cell::{Cell, WriteError};
use crate::tables::View;

const SECOND: Duration = Duration::from_secs(1);

fn slow(store: &MemoryStore) {
    store.set_faults(Faults { delay: SECOND, ..Faults::default() });
}

async fn batches(store: &MemoryStore) -> StoreRevision {
    store.load().await.expect("loads").revision
}

#[tokio::test(start_paused = true)]
async fn an_answer_means_durable_and_visible() {
    let store = MemoryStore::new();
    let cell = open(&store).await;
    slow(&store);
    let begun = Instant::now();
    put(&cell, item(1, "a")).await.expect("commits");
    assert_eq!(begun.elapsed(), SECOND);
    assert_eq!(places(&cell), [(1, "a".to_owned())]);
    assert_eq!(store.load().await.expect("loads").records.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_visible_before_it_is_durable() {
    let store = MemoryStore::new();
    let cell = open(&store).await;
    slow(&store);
    let write = tokio::spawn({
        let cell = cell.clone();
        async move { put(&cell, item(1, "a")).await }
    });
    tokio::time::sleep(SECOND / 2).await;
    assert_eq!(places(&cell), []);
    write.await.expect("joins").expect("commits");
    assert_eq!(places(&cell).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_arrives_during_a_commit_becomes_one_batch() {
    let store = MemoryStore::new();
    let cell = open(&store).await;
    slow(&store);
    let begun = Instant::now();
    let first = tokio::spawn({
        let cell = cell.clone();
        async move { put(&cell, item(0, "a")).await }
    });
    tokio::time::sleep(SECOND / 10).await;
    let answers = join_all((1..=100).map(|id| put(&cell, item(id, "a")))).await;
    assert!(answers.iter().all(Result::is_ok));
    first.await.expect("joins").expect("commits");
    assert_eq!(batches(&store).await, StoreRevision(2));
    assert_eq!(begun.elapsed(), 2 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_bounded() {
    let store = MemoryStore::new();
    let options = crate::cell::Options { batch_transactions: 10, queue: 3, ..Default::default() };
    let cell =
        Cell::open_with(std::sync::Arc::new(store.clone()), super::fixture::schema(), options)
            .await
            .expect("opens");
    slow(&store);
    let answers = join_all((0..100).map(|id| put(&cell, item(id, "a")))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert!(batches(&store).await >= StoreRevision(10));
    assert_eq!(places(&cell).len(), 100);
}

#[tokio::test(start_paused = true)]
async fn transactions_run_in_the_order_they_were_sent_and_see_each_other() {
    let cell = open(&MemoryStore::new()).await;
    let answers = join_all((0..50).map(|id| {
        cell.write(move |tx| {
            tx.put(item(id, "a"));
            Ok::<_, Infallible>(tx.table::<Item>().len())
        })
    }))
    .await;
    let lengths: Vec<usize> = answers.into_iter().map(|answer| answer.expect("commits")).collect();
    assert_eq!(lengths, (1..=50).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn an_aborted_transaction_leaves_nothing() {
    let store = MemoryStore::new();
    let cell = open(&store).await;
    put(&cell, item(1, "a")).await.expect("commits");
    let before = cell.snapshot();
    let refused = cell
        .write(|tx| {
            tx.put(item(1, "b"));
            tx.put(item(2, "b"));
            tx.delete::<Item>(&1);
            tx.put(Label { text: "x".to_owned() });
            Err::<(), _>("no")
        })
        .await;
    assert_eq!(refused, Err(WriteError::Aborted("no")));
    let after = cell.snapshot();
    assert_eq!(after.revision(), before.revision());
    assert_eq!(after.table::<Item>().indexes(), before.table::<Item>().indexes());
    assert_eq!(places(&cell), [(1, "a".to_owned())]);
    assert_eq!(batches(&store).await, StoreRevision(1));

    // The next transaction finds the tables as they were, not only the next snapshot.
    let seen = cell
        .write(|tx| Ok::<_, Infallible>((tx.table::<Item>().len(), tx.table::<Label>().len())))
        .await;
    assert_eq!(seen, Ok((1, 0)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_rests_on_another_write_waits_until_that_is_durable() {
    let store = MemoryStore::new();
    let cell = open(&store).await;
    slow(&store);
    let begun = Instant::now();
    let write = tokio::spawn({
        let cell = cell.clone();
        async move { put(&cell, item(1, "a")).await }
    });
    tokio::time::sleep(SECOND / 10).await;
    let taken =
        cell.write(|tx| if tx.table::<Item>().contains(&1) { Err("taken") } else { Ok(()) }).await;
    assert_eq!(taken, Err(WriteError::Aborted("taken")));
    assert_eq!(begun.elapsed(), SECOND);
    write.await.expect("joins").expect("commits");

    // With nothing under way there is nothing to wait for.
    let begun = Instant::now();
    let read = cell.write(|tx| Ok::<_, Infallible>(tx.table::<Item>().len())).await;
    assert_eq!((read, begun.elapsed()), (Ok(1), Duration::ZERO));
    assert_eq!(batches(&store).await, StoreRevision(1));
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_stays_as_it_was() {
    let cell = open(&MemoryStore::new()).await;
    put(&cell, item(1, "a")).await.expect("commits");
    let old = cell.snapshot();
    put(&cell, item(1, "b")).await.expect("commits");
    assert_eq!(old.get::<Item>(&1).map(|item| item.place.as_str()), Some("a"));
    assert_eq!(cell.snapshot().get::<Item>(&1).map(|item| item.place.as_str()), Some("b"));
}

#[tokio::test(start_paused = true)]
async fn a_rows_revision_is_that_of_its_last_write() {
    let cell = open(&MemoryStore::new()).await;
    put(&cell, item(1, "a")).await.expect("commits");
    put(&cell, item(2, "a")).await.expect("commits");
    let planned = cell.snapshot();
    let revision = planned.table::<Item>().revision(&1).expect("is there");
    put(&cell, item(2, "b")).await.expect("commits");
    let check = move |tx: &mut crate::cell::Transaction| {
        Ok::<_, Infallible>(tx.table::<Item>().revision(&1) == Some(revision))
    };
    assert_eq!(cell.write(check).await, Ok(true), "another row's write changes nothing");
    put(&cell, item(1, "a")).await.expect("commits");
    assert_eq!(cell.write(check).await, Ok(false), "an equal write is a write, too");
    cell.write(|tx| Ok::<_, Infallible>(tx.delete::<Item>(&1))).await.expect("commits");
    assert_eq!(cell.snapshot().table::<Item>().revision(&1), None);
}

#[tokio::test(start_paused = true)]
async fn update_changes_a_row_that_is_there() {
    let cell = open(&MemoryStore::new()).await;
    put(&cell, item(1, "a")).await.expect("commits");
    let updated = cell
        .write(|tx| {
            let there = tx.update::<Item>(&1, |item| item.place = "b".to_owned());
            let missing = tx.update::<Item>(&2, |item| item.place = "b".to_owned());
            Ok::<_, Infallible>((there, missing))
        })
        .await;
    assert_eq!(updated, Ok((true, false)));
    assert_eq!(places(&cell), [(1, "b".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn one_function_reads_snapshots_and_transactions() {
    fn count(view: &impl View) -> usize {
        view.table::<Item>().len()
    }
    let cell = open(&MemoryStore::new()).await;
    let inside = cell
        .write(|tx| {
            tx.put(item(1, "a"));
            Ok::<_, Infallible>(count(tx))
        })
        .await;
    assert_eq!((inside, count(&cell.snapshot())), (Ok(1), 1));
}

#[tokio::test(start_paused = true)]
async fn a_write_goes_through_though_nobody_waits_for_it() {
    let store = MemoryStore::new();
    let cell = open(&store).await;
    slow(&store);
    let impatient = tokio::time::timeout(SECOND / 10, put(&cell, item(1, "a"))).await;
    assert!(impatient.is_err());
    cell.close().await.expect("closes");
    assert_eq!(batches(&store).await, StoreRevision(1));
}
