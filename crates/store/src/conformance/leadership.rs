//! One leader at a time; whoever was replaced changes nothing.

use super::{Factory, batch, lead, pairs, put, texts};
use crate::{Fence, Leader, Leadership, Store, StoreError};

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
    assert!(old.lease.holds());
    let new = store.campaign("new").await.expect("leads");
    old.lost.wait_for(|lost| *lost).await.expect("it is told before the store goes away");
    assert!(!old.lease.holds());
    assert!(!*new.lost.borrow());
    assert!(new.lease.holds());
}

pub async fn whoever_resigned_commits_no_more(factory: &impl Factory) {
    let store = factory.open().await;
    let mut old = store.campaign("old").await.expect("leads");
    store.commit(old.fence, batch([put("a", "old")])).await.expect("leads still");
    store.resign(old.fence).await.expect("resigns");
    old.lost.wait_for(|lost| *lost).await.expect("it is told before the store goes away");
    assert!(!old.lease.holds());
    let error = store.commit(old.fence, batch([put("a", "late")])).await.expect_err("has resigned");
    assert!(matches!(error, StoreError::Fenced { given, .. } if given == old.fence), "{error}");
    let new = lead(&store).await;
    assert!(new > old.fence);
    store.resign(old.fence).await.expect("has resigned already");
    store.commit(new, batch([put("b", "new")])).await.expect("it was not the new one who resigned");
    assert_eq!(texts(&store).await, pairs([("a", "old"), ("b", "new")]));
}

pub async fn who_leads_is_known(factory: &impl Factory) {
    let store = factory.open().await;
    let mut known = store.leader();
    assert_eq!(*known.borrow(), None);
    for candidate in ["http://a:1", "http://b:2"] {
        let fence = store.campaign(candidate).await.expect("leads").fence;
        let leader = Some(Leader { candidate: candidate.to_owned(), fence });
        known.wait_for(|known| *known == leader).await.expect("the store is there");
    }
    let leader = known.borrow().clone().expect("somebody leads");
    store.resign(leader.fence).await.expect("resigns");
    known.wait_for(Option::is_none).await.expect("the store is there");
}

pub async fn candidates_wait_for_the_leader(factory: &impl Factory) {
    let first = factory.open().await;
    let Some(second) = factory.beside(&first).await else { return };
    let old = lead(&first).await;
    let resign = async {
        let leader = second.leader().wait_for(Option::is_some).await.expect("is there").clone();
        assert_eq!(leader.map(|leader| leader.fence), Some(old), "everybody knows who leads");
        first.commit(old, batch([put("a", "old")])).await.expect("nobody replaces who leads");
        first.resign(old).await.expect("resigns");
    };
    // Asked first, so that the candidate waits while the other still writes.
    let (elected, ()) = futures_util::join!(second.campaign("second"), resign);
    let new: Leadership = elected.expect("leads");
    assert!(new.fence > old);
    let error = first.commit(old, batch([put("a", "late")])).await.expect_err("has resigned");
    assert!(matches!(error, StoreError::Fenced { given, .. } if given == old), "{error}");
    second.commit(new.fence, batch([put("b", "new")])).await.expect("leads");
    let leader = Some(Leader { candidate: "second".to_owned(), fence: new.fence });
    first.leader().wait_for(|known| *known == leader).await.expect("is there");
    assert_eq!(texts(&first).await, pairs([("a", "old"), ("b", "new")]));
    assert_eq!(first.head().await.expect("there is one"), second.head().await.expect("the same"));
}

pub async fn whoever_withdraws_does_not_lead(factory: &impl Factory) {
    let first = factory.open().await;
    let Some(second) = factory.beside(&first).await else { return };
    let Some(third) = factory.beside(&first).await else { return };
    let old = lead(&first).await;
    let undecided = second.campaign("second");
    let (waiting, resign) = (third.campaign("third"), first.resign(old));
    {
        let mut undecided = std::pin::pin!(undecided);
        let looked = futures_util::poll!(&mut undecided);
        assert!(looked.is_pending(), "somebody leads");
    }
    let (elected, resigned) = futures_util::join!(waiting, resign);
    resigned.expect("resigns");
    let leader = Some(Leader { candidate: "third".into(), fence: elected.expect("leads").fence });
    second.leader().wait_for(|known| *known == leader).await.expect("is there");
}

pub async fn candidates_lead_one_after_the_other(factory: &impl Factory) {
    let first = factory.open().await;
    let Some(second) = factory.beside(&first).await else { return };
    let Some(third) = factory.beside(&first).await else { return };
    let turn = async |store: &_, name: &str| {
        let leadership: Leadership = Store::campaign(store, name).await.expect("its turn comes");
        let fence = leadership.fence;
        Store::commit(store, fence, batch([put(name, "led")])).await.expect("leads alone");
        assert!(leadership.lease.holds());
        Store::resign(store, fence).await.expect("resigns");
        fence
    };
    let (a, b, c) = futures_util::join!(turn(&first, "a"), turn(&second, "b"), turn(&third, "c"));
    assert!(a != b && b != c && a != c, "no two leaders share a fence");
    assert_eq!(texts(&second).await, pairs([("a", "led"), ("b", "led"), ("c", "led")]));
    assert_eq!(first.head().await.expect("there is one").0, 3);
}
