//! Leaders that are paused, cut off or replaced.

use std::time::Duration;

use berth_store::{EtcdOptions, EtcdStore, Revision, Store, StoreError};
use futures_util::FutureExt;
use tokio::runtime::Runtime;

use super::fixture::{lead, members, one, open, options};
use super::mute_proxy::MuteProxy;

/// A server in a runtime of its own: while nobody runs it, it is as if its process were stopped.
fn paused_server() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

#[test]
fn a_paused_leader_knows_at_once_that_it_may_be_one_no_more() {
    let Some(cluster) = members(1) else { return };
    let (first, second) = (paused_server(), paused_server());
    let (old_store, old) = first.block_on(async {
        let short = EtcdOptions { lease: Duration::from_secs(2), ..options(&cluster) };
        let store = EtcdStore::open(short).await.expect("opens");
        let leadership = store.campaign("first").await.expect("leads");
        store.commit(leadership.fence, one("a", "old")).await.expect("commits");
        (store, leadership)
    });
    assert!(old.lease.holds());
    // The first one's tasks stand still from here.
    let mut late = Box::pin(old_store.commit(old.fence, one("a", "late")));
    first.block_on(async { assert!((&mut late).now_or_never().is_none()) });
    let (new_store, new) = second.block_on(async {
        let store = open(&cluster).await;
        let leadership = store.campaign("second").await.expect("leads when the lease has run out");
        assert!(!old.lease.holds(), "nobody had to tell it");
        (store, leadership)
    });
    assert!(new.fence > old.fence);
    second.block_on(async { new_store.commit(new.fence, one("b", "new")).await.expect("commits") });
    first.block_on(async {
        let error = late.await.expect_err("another one leads");
        assert!(
            matches!(error, StoreError::Fenced { .. } | StoreError::Unresolved { .. }),
            "{error}"
        );
        old.lost.clone().wait_for(|lost| *lost).await.expect("the store is there");
        let error = old_store.commit(old.fence, one("a", "later")).await.expect_err("fenced");
        assert!(matches!(error, StoreError::Fenced { .. }), "{error}");
    });
    let loaded = second.block_on(new_store.load()).expect("loads");
    assert_eq!(loaded.revision, Revision(2));
    assert_eq!(loaded.records[0].1, "old");
    second.block_on(async { assert!(new.lease.holds()) });
}

#[tokio::test]
async fn leaders_commits_are_refused_when_their_key_is_another() {
    let Some(cluster) = members(1) else { return };
    let store = open(&cluster).await;
    let mut leadership = store.campaign("a").await.expect("leads");
    cluster.ctl(&["del", "/test/leader"]);
    let error = store.commit(leadership.fence, one("a", "1")).await.expect_err("fenced");
    assert!(matches!(error, StoreError::Fenced { .. }), "{error}");
    leadership.lost.wait_for(|lost| *lost).await.expect("the store is there");
    assert_eq!(store.head().await.expect("there is one"), Revision(0));
}

/// etcd does it, and its answer is lost: whoever asks again finds their own entry.
#[tokio::test]
async fn a_commit_without_an_answer_happens_once() {
    let Some(cluster) = members(1) else { return };
    let proxy = MuteProxy::before(&cluster.endpoints()[0]).await;
    let endpoints = [proxy.address(), cluster.endpoints()[0].clone()];
    let store = EtcdStore::open(EtcdOptions { endpoints: endpoints.into(), ..options(&cluster) });
    let store = store.await.expect("opens");
    let fence = lead(&store).await;
    assert_eq!(store.commit(fence, one("a", "1")).await.expect("commits"), Revision(1));
    proxy.mute();
    let revisions = async {
        let second = store.commit(fence, one("a", "2")).await.expect("is asked elsewhere");
        let third = store.commit(fence, one("a", "3")).await.expect("goes on");
        (second, third)
    };
    assert_eq!(revisions.await, (Revision(2), Revision(3)));
    assert!(proxy.swallowed(), "the answer came and was kept from us");
    let loaded = open(&cluster).await.load().await.expect("loads");
    assert_eq!((loaded.revision, &*loaded.records[0].1), (Revision(3), &b"3"[..]));
}

#[tokio::test]
async fn what_an_earlier_leader_left_on_the_stage_is_cleared_away() {
    let Some(cluster) = members(1) else { return };
    let store = open(&cluster).await;
    cluster.ctl(&["put", "/test/stage/00000000000000000001/00000000000000000001/0000000000", "x"]);
    let fence = lead(&store).await;
    store.commit(fence, one("a", "1")).await.expect("commits");
    store.fold().await.expect("folds");
    assert_eq!(cluster.ctl(&["get", "/test/stage/", "--prefix", "--keys-only"]), "");
    assert_eq!(store.load().await.expect("loads").revision, Revision(1));
}

#[tokio::test]
async fn a_store_that_is_dropped_lets_another_lead() {
    let Some(cluster) = members(1) else { return };
    let long = EtcdOptions { lease: Duration::from_secs(600), ..options(&cluster) };
    let first = EtcdStore::open(long).await.expect("opens");
    let old = first.campaign("first").await.expect("leads");
    let second = open(&cluster).await;
    drop(first);
    let new = second.campaign("second").await.expect("does not wait for ten minutes");
    assert!(new.fence > old.fence && !old.lease.holds());
}
