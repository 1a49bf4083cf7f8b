//! What subscribers hear.

use std::convert::Infallible;
use std::sync::Arc;

use berth_store::MemoryStore;

use super::fixture::{Item, Label, item, open, put, schema};
use crate::cell::{Cell, Commit, Feed, Options};

fn committed(feed: Option<Feed>) -> Arc<Commit> {
    match feed {
        Some(Feed::Committed(commit)) => commit,
        other => panic!("expected a commit, not {other:?}"),
    }
}

/// Places before and after, of the changes of items.
fn moves(commit: &Commit) -> Vec<(u64, Option<String>, Option<String>)> {
    let place = |item: Option<&Item>| item.map(|item| item.place.clone());
    let changes = commit.changes.iter().filter_map(|change| change.of::<Item>());
    changes.map(|change| (change.key(), place(change.before), place(change.after))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_change_tells_before_and_after() {
    let cell = open(&MemoryStore::new()).await;
    let mut changes = cell.changes();
    put(&cell, item(1, "a")).await.expect("commits");
    put(&cell, item(1, "b")).await.expect("commits");
    cell.write(|tx| Ok::<_, Infallible>(tx.delete::<Item>(&1))).await.expect("commits");
    let (a, b) = (Some("a".to_owned()), Some("b".to_owned()));
    assert_eq!(moves(&committed(changes.next().await)), [(1, None, a.clone())]);
    assert_eq!(moves(&committed(changes.next().await)), [(1, a, b.clone())]);
    assert_eq!(moves(&committed(changes.next().await)), [(1, b, None)]);
    assert!(changes.try_next().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_transaction_tells_its_net_effect_once() {
    let cell = open(&MemoryStore::new()).await;
    put(&cell, item(3, "a")).await.expect("commits");
    let mut changes = cell.changes();
    cell.write(|tx| {
        tx.put(Label { text: "first table touched".to_owned() });
        tx.put(item(2, "a"));
        tx.put(item(1, "a"));
        tx.put(item(2, "b"));
        tx.put(item(4, "came and went"));
        tx.delete::<Item>(&4);
        tx.delete::<Item>(&3);
        tx.put(item(3, "c"));
        Ok::<_, Infallible>(())
    })
    .await
    .expect("commits");
    let commit = committed(changes.next().await);
    let (a, b, c) = (Some("a".to_owned()), Some("b".to_owned()), Some("c".to_owned()));
    assert_eq!(moves(&commit), [(1, None, a.clone()), (2, None, b), (3, a, c)]);
    assert_eq!(commit.changes.iter().filter(|change| change.of::<Label>().is_some()).count(), 1);
    assert_eq!(commit.revision, cell.snapshot().revision());
}

#[tokio::test(start_paused = true)]
async fn aborted_and_empty_transactions_are_not_told() {
    let cell = open(&MemoryStore::new()).await;
    let mut changes = cell.changes();
    let aborted = cell
        .write(|tx| {
            tx.put(item(1, "a"));
            Err::<(), _>("no")
        })
        .await;
    assert!(aborted.is_err());
    cell.write(|tx| Ok::<_, Infallible>(tx.delete::<Item>(&9))).await.expect("commits");
    assert!(changes.try_next().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_slow_subscriber_is_told_to_resync_and_the_writer_goes_on() {
    let options = Options { subscriber_lag: 4, ..Options::default() };
    let cell =
        Cell::open_with(Arc::new(MemoryStore::new()), schema(), options).await.expect("opens");
    let (mut slow, mut quick) = (cell.changes(), cell.changes());
    for id in 0..10 {
        put(&cell, item(id, "a")).await.expect("commits");
        assert_eq!(moves(&committed(quick.next().await)).len(), 1);
    }
    assert!(matches!(slow.next().await, Some(Feed::Resync)));
    let ids: Vec<u64> = std::iter::from_fn(|| slow.try_next())
        .flat_map(|feed| moves(&committed(Some(feed))))
        .map(|(id, ..)| id)
        .collect();
    assert_eq!(ids, [6, 7, 8, 9], "after a resync the feed has no gap again");
}

#[tokio::test(start_paused = true)]
async fn a_subscription_ends_with_the_cell() {
    let cell = open(&MemoryStore::new()).await;
    let mut changes = cell.changes();
    put(&cell, item(1, "a")).await.expect("commits");
    cell.close().await.expect("closes");
    assert_eq!(
        moves(&committed(changes.next().await)).len(),
        1,
        "what was committed is heard first"
    );
    assert!(changes.next().await.is_none());
    assert!(cell.changes().next().await.is_none());
}
