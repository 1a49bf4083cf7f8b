//! Several cells over one store.

use std::sync::Arc;
use std::time::Duration;

use berth_store::{Batch, Faults, Key, MemoryStore, Store, Write};
use bytes::Bytes;

use super::fixture::{Item, Label, item, places, put, schema};
use crate::cell::{Cell, CellError, Feed, OpenError, Options, Standing, WriteError};
use crate::tables::TableKey;

async fn follow(store: &MemoryStore, name: &str) -> Cell {
    let options = Options { candidate: name.to_owned(), ..Options::default() };
    Cell::follow(Arc::new(store.clone()), schema(), options).await.expect("it loads")
}

async fn leads(cell: &Cell) {
    let standing = cell.until(|standing| !matches!(standing, Standing::Following { .. })).await;
    assert_eq!(standing, Standing::Leading);
}

fn follows(cell: &Cell) -> Option<String> {
    match cell.standing() {
        Standing::Following { leader } => leader.map(|leader| leader.candidate),
        other => panic!("{other:?}"),
    }
}

/// Two servers, of which the first leads.
async fn pair() -> ((MemoryStore, Cell), (MemoryStore, Cell)) {
    let store = MemoryStore::new();
    let one = follow(&store, "one").await;
    leads(&one).await;
    let peer = store.peer();
    let two = follow(&peer, "two").await;
    ((store, one), (peer, two))
}

#[tokio::test(start_paused = true)]
async fn what_a_leader_was_answered_a_follower_reads() {
    let ((_, one), (_, two)) = pair().await;
    let mut changes = two.changes();
    for id in 0..20 {
        put(&one, item(id, "here")).await.unwrap();
        two.caught_up().await.unwrap();
        assert_eq!(places(&two).len(), usize::try_from(id).unwrap() + 1);
    }
    one.write(|tx| {
        tx.put(item(3, "there"));
        tx.delete::<Item>(&4);
        tx.delete::<Item>(&99);
        tx.put(Label { text: "new".to_owned() });
        Ok::<_, CellError>(())
    })
    .await
    .unwrap();
    two.caught_up().await.unwrap();
    assert_eq!(places(&one), places(&two));
    let snapshot = two.snapshot();
    let items = snapshot.table::<Item>();
    assert_eq!(items.indexes().by_place.get(&"there".to_owned()).count(), 1);
    assert_eq!(items.indexes().weight, 19, "indexes come along");
    assert_eq!(one.applied(), two.applied());

    // Typed, with what was there before.
    let mut told = Vec::new();
    while let Some(Feed::Committed(commit)) = changes.try_next() {
        told.extend(commit.changes.iter().map(|change| match change.of::<Item>() {
            Some(item) => (item.before.map(|item| item.id), item.after.map(|item| item.id)),
            None => (None, change.of::<Label>().map(|_| 1000)),
        }));
    }
    let created = (0..20).map(|id| (None, Some(id)));
    let expected: Vec<_> =
        created.chain([(Some(3), Some(3)), (Some(4), None), (None, Some(1000))]).collect();
    assert_eq!(told, expected);
}

#[tokio::test(start_paused = true)]
async fn a_follower_writes_nothing_and_says_why() {
    let ((_, one), (_, two)) = pair().await;
    two.until(|standing| matches!(standing, Standing::Following { leader: Some(_) })).await;
    assert_eq!(follows(&two).as_deref(), Some("one"));
    assert_eq!(put(&two, item(1, "here")).await, Err(WriteError::Cell(CellError::Following)));
    one.caught_up().await.unwrap();
    assert_eq!(places(&one), []);
    assert!(one.may_tell() && two.may_tell());
}

#[tokio::test(start_paused = true)]
async fn a_follower_leads_in_place_when_the_leader_closes() {
    let ((_, one), (_, two)) = pair().await;
    let mut changes = two.changes();
    put(&one, item(1, "here")).await.unwrap();
    one.close().await.unwrap();
    assert!(!one.may_tell(), "somebody else may lead");
    leads(&two).await;
    assert_eq!(places(&two), [(1, "here".to_owned())], "all that was committed, before it leads");
    put(&two, item(2, "there")).await.unwrap();
    let ids = |feed| match feed {
        Some(Feed::Committed(commit)) => {
            commit.changes.iter().filter_map(|change| Some(change.of::<Item>()?.key())).collect()
        }
        _ => Vec::new(),
    };
    assert_eq!(ids(changes.next().await), [1]);
    assert_eq!(ids(changes.next().await), [2], "who listened before hears on");
    assert_eq!(put(&one, item(3, "late")).await, Err(WriteError::Cell(CellError::Closed)));
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_was_lost_is_followed_by_another_and_writes_no_more() {
    let ((store, one), (_, two)) = pair().await;
    put(&one, item(1, "here")).await.unwrap();
    store.set_faults(Faults { delay: Duration::from_secs(1), ..Faults::default() });
    let late = tokio::spawn({
        let one = one.clone();
        async move { put(&one, item(2, "late")).await }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    store.crash();
    assert!(late.await.unwrap().is_err());
    assert!(matches!(one.failed().await, CellError::LeadershipLost | CellError::Commit(_)));
    leads(&two).await;
    assert_eq!(places(&two), [(1, "here".to_owned())]);
    // The same server comes back, as a follower.
    let again = follow(&store, "one").await;
    put(&two, item(3, "there")).await.unwrap();
    again.caught_up().await.unwrap();
    assert_eq!(places(&again).len(), 2);
    assert_eq!(follows(&again).as_deref(), Some("two"));
}

#[tokio::test(start_paused = true)]
async fn a_leader_does_not_tell_less_than_a_follower_has_told() {
    let ((store, one), (_, two)) = pair().await;
    store.set_faults(Faults { delay: Duration::from_secs(1), ..Faults::default() });
    let writing = tokio::spawn({
        let one = one.clone();
        async move { put(&one, item(1, "here")).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = tokio::time::Instant::now();
    one.caught_up().await.unwrap();
    assert_eq!(places(&one).len(), 1, "a commit in flight may be visible elsewhere");
    assert!(begun.elapsed() >= Duration::from_millis(800));
    writing.await.unwrap().unwrap();
    two.caught_up().await.unwrap();
    assert_eq!(places(&two).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_follower_that_withdrew_does_not_lead() {
    let ((_, one), (peer, two)) = pair().await;
    let three = follow(&peer.peer(), "three").await;
    two.close().await.unwrap();
    one.close().await.unwrap();
    leads(&three).await;
    assert_eq!(two.standing(), Standing::Ended(CellError::Closed));
}

#[tokio::test(start_paused = true)]
async fn a_follower_that_is_too_far_behind_ends() {
    let store = MemoryStore::with_history(2);
    let one = follow(&store, "one").await;
    leads(&one).await;
    let two = follow(&store.peer(), "two").await;
    // Nothing is applied before somebody waits, so that one runs far ahead.
    let fence = store.leader().borrow().clone().unwrap().fence;
    let batch = |id: u64| {
        let key = Key { table: 2, key: Bytes::from(format!("{id}").to_bytes()) };
        let mut value = Vec::new();
        crate::tables::encode(&Label { text: id.to_string() }, &mut value);
        Batch { writes: vec![Write::Put { key, value: value.into() }] }
    };
    for id in 0..10 {
        store.commit(fence, batch(id)).await.unwrap();
    }
    let CellError::Unfollowable(why) = two.failed().await else { panic!("{:?}", two.standing()) };
    assert!(matches!(&*why, OpenError::Store(_)), "{why}");
    let again = follow(&store.peer(), "two").await;
    assert_eq!(again.snapshot().table::<Label>().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn what_a_newer_program_writes_is_not_followed() {
    let ((store, _one), (_, two)) = pair().await;
    let fence = store.leader().borrow().clone().unwrap().fence;
    let key = Key { table: 77, key: Bytes::from_static(b"x") };
    let writes = vec![Write::Put { key, value: Bytes::new() }];
    store.commit(fence, Batch { writes }).await.unwrap();
    let CellError::Unfollowable(why) = two.failed().await else { panic!("{:?}", two.standing()) };
    assert!(matches!(&*why, OpenError::UnknownTable { number: 77, records: 1 }), "{why}");
}
