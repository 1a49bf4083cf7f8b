//! One leader at a time; whoever was replaced changes nothing.

use super::{Factory, batch, lead, pairs, put, texts};
use crate::{Fence, Store, StoreError};

pub async fn a_new_leader_fences_the_old(factory: &impl Factory) {
    let store = factory.open().await;
    let old = lead(&store).await;
    store.commit(old, batch([put("a", "old")])).await.expect("the only leader commits");
    let new = lead(&store).await;
    assert!(new > old);
    let error =
        store.commit(old, batch([put("a", "stale"), put("b", "stale")])).await.expect_err("fenced");
    assert!(
        matches!(error, StoreError::Fenced { given, current } if given == old && current == new),
        "{error}"
    );
    assert_eq!(texts(&store).await, pairs([("a", "old")]));
    store.commit(new, batch([put("a", "new")])).await.expect("the new leader commits");
    assert_eq!(texts(&store).await, pairs([("a", "new")]));
}

pub async fn fences_grow_across_reopening(factory: &impl Factory) {
    let store = factory.open().await;
    let first = lead(&store).await;
    drop(store);
    let store = factory.open().await;
    let second = lead(&store).await;
    assert!(second > first);
    let error = store.commit(first, batch([put("a", "stale")])).await.expect_err("fenced");
    assert!(matches!(error, StoreError::Fenced { .. }), "{error}");
}

pub async fn nobody_commits_without_leading(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    let made_up = Fence(fence.0 + 1);
    let error =
        store.commit(made_up, batch([put("a", "1")])).await.expect_err("nobody has this fence");
    assert!(matches!(error, StoreError::Fenced { .. }), "{error}");
    assert_eq!(texts(&store).await, pairs([]));
}

pub async fn the_leader_hears_that_it_lost(factory: &impl Factory) {
    let store = factory.open().await;
    let mut old = store.campaign("old").await.expect("leads");
    assert!(!*old.lost.borrow());
    let new = store.campaign("new").await.expect("leads");
    old.lost.wait_for(|lost| *lost).await.expect("it is told before the store goes away");
    assert!(!*new.lost.borrow());
}
