//! Followers: every batch, once, in order, or word that some are gone.

use futures_util::{FutureExt, StreamExt};

use super::{Factory, batch, delete, lead, put};
use crate::{Batch, Committed, Fence, Revision, Store, StoreError};

fn numbered(n: usize) -> Batch {
    batch([put(&format!("{n}"), "v"), delete("other")])
}

async fn commit_each(store: &impl Store, fence: Fence, numbers: std::ops::RangeInclusive<usize>) {
    for n in numbers {
        store.commit(fence, numbered(n)).await.expect("commits");
    }
}

/// The next so many batches, with their revisions checked to have no gap.
async fn follow(store: &impl Store, from: Revision, count: usize) -> Vec<Batch> {
    let followed = store.watch(from).await.expect("follows");
    let committed: Vec<Committed> =
        followed.take(count).map(|next| next.expect("no gap")).collect().await;
    let revisions: Vec<u64> = committed.iter().map(|committed| committed.revision.0).collect();
    assert_eq!(revisions, (from.0 + 1..).take(count).collect::<Vec<_>>());
    committed.into_iter().map(|committed| (*committed.batch).clone()).collect()
}

pub async fn followers_see_batches_in_order(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    commit_each(&store, fence, 1..=4).await;
    let expected: Vec<_> = (1..=4).map(numbered).collect();
    assert_eq!(follow(&store, Revision(0), 4).await, expected);
    assert_eq!(follow(&store, Revision(0), 4).await, expected, "a second follower sees the same");
}

pub async fn a_follower_starts_where_it_says(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    commit_each(&store, fence, 1..=4).await;
    assert_eq!(follow(&store, Revision(2), 2).await, [numbered(3), numbered(4)]);
}

pub async fn a_follower_waits_for_what_comes(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    commit_each(&store, fence, 1..=1).await;
    let mut followed = store.watch(Revision(1)).await.expect("follows");
    assert!(followed.next().now_or_never().is_none(), "nothing has come yet");
    commit_each(&store, fence, 2..=3).await;
    for n in 2..=3 {
        let committed = followed.next().await.expect("goes on").expect("no gap");
        assert_eq!((committed.revision, &*committed.batch), (Revision(n as u64), &numbered(n)));
    }
}

pub async fn followers_do_not_see_refused_batches(factory: &impl Factory) {
    let store = factory.open().await;
    let old = lead(&store).await;
    let new = lead(&store).await;
    let refused = store.commit(old, numbered(1)).await;
    assert!(matches!(refused, Err(StoreError::Fenced { .. })), "{refused:?}");
    store.commit(new, numbered(2)).await.expect("commits");
    assert_eq!(follow(&store, Revision(0), 1).await, [numbered(2)]);
}

pub async fn a_follower_too_far_behind_is_told(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    let mut slow = store.watch(Revision(0)).await.expect("follows from the start");
    let count = factory.history() + 3;
    commit_each(&store, fence, 1..=count).await;
    factory.forget(&store).await;

    let missed = slow.next().await.expect("hears something");
    let Err(StoreError::Compacted { oldest, .. }) = missed else {
        panic!("expected to hear that batches are gone, not {missed:?}");
    };
    assert!(slow.next().await.is_none(), "a follower's stream ends after its error");

    let refused = store.watch(Revision(0)).await.err();
    assert!(matches!(refused, Some(StoreError::Compacted { .. })), "{refused:?}");

    // What the error names is where following works again, with every batch since.
    let left = count - usize::try_from(oldest.0).expect("small");
    assert!((1..=factory.history()).contains(&left));
    let expected: Vec<_> = (count - left + 1..=count).map(numbered).collect();
    assert_eq!(follow(&store, oldest, left).await, expected);
}
