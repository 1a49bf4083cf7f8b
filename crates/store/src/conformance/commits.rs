//! Batches: whole, in order, there after reopening.

use bytes::Bytes;

use super::{Factory, batch, delete, key, lead, pairs, put, records, texts};
use crate::{Batch, Loaded, Revision, Store, Write};

pub async fn a_new_store_is_empty(factory: &impl Factory) {
    assert_eq!(factory.open().await.load().await.expect("loads"), Loaded::default());
}

pub async fn a_batch_is_there_after_reopening(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    store.commit(fence, batch([put("a", "1"), put("b", "2")])).await.expect("commits");
    let expected = pairs([("a", "1"), ("b", "2")]);
    assert_eq!(texts(&store).await, expected);
    drop(store);
    assert_eq!(texts(&factory.open().await).await, expected);
}

pub async fn writes_apply_in_order(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    let writes =
        [put("a", "1"), put("a", "2"), put("b", "1"), delete("b"), delete("c"), put("c", "3")];
    store.commit(fence, batch(writes)).await.expect("commits");
    assert_eq!(texts(&store).await, pairs([("a", "2"), ("c", "3")]));
}

pub async fn records_come_in_key_order(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    let mut keys = vec![
        key(1, [0xFF]),
        key(0x0100, []),
        key(0x00FF, [0]),
        key(1, []),
        key(1, [0]),
        key(1, [0, 0]),
        key(1, [1]),
        key(u16::MAX, [7; 40]),
        key(0, [200, 1]),
    ];
    let writes =
        keys.iter().map(|key| Write::Put { key: key.clone(), value: Bytes::from_static(b"v") });
    store.commit(fence, batch(writes)).await.expect("commits");
    keys.sort();
    let found: Vec<_> = records(&store).await.into_iter().map(|(key, _)| key).collect();
    assert_eq!(found, keys);
}

pub async fn deleting_removes_and_deleting_nothing_is_nothing(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    store.commit(fence, batch([put("a", "1"), put("b", "2")])).await.expect("commits");
    store.commit(fence, batch([delete("a"), delete("never")])).await.expect("commits");
    let same_key_of_another_table = Write::Delete { key: key(2, "b") };
    store.commit(fence, batch([same_key_of_another_table])).await.expect("commits");
    drop(store);
    assert_eq!(texts(&factory.open().await).await, pairs([("b", "2")]));
}

pub async fn empty_keys_and_values_are_values(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    store.commit(fence, batch([put("", "no key"), put("no value", "")])).await.expect("commits");
    drop(store);
    assert_eq!(texts(&factory.open().await).await, pairs([("", "no key"), ("no value", "")]));
}

pub async fn an_empty_batch_counts(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    assert_eq!(store.commit(fence, Batch::default()).await.expect("commits"), Revision(1));
    assert_eq!(
        store.load().await.expect("loads"),
        Loaded { revision: Revision(1), records: Vec::new() }
    );
}

pub async fn a_large_batch_is_whole(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    let count = 20_000;
    let writes = (0..count).map(|n| put(&format!("{n:08}"), "value"));
    store.commit(fence, batch(writes)).await.expect("commits");
    drop(store);
    let found = texts(&factory.open().await).await;
    assert_eq!(found.len(), count);
    assert!(found.iter().enumerate().all(|(n, (key, _))| *key == format!("{n:08}")));
}

pub async fn large_values_come_back(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    let value: Bytes = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect::<Vec<_>>().into();
    store
        .commit(fence, batch([Write::Put { key: key(1, "big"), value: value.clone() }]))
        .await
        .expect("commits");
    drop(store);
    assert_eq!(records(&factory.open().await).await, [(key(1, "big"), value)]);
}

pub async fn revisions_count_batches_across_reopening(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    for expected in 1..=3 {
        assert_eq!(
            store.commit(fence, batch([put("a", "1")])).await.expect("commits"),
            Revision(expected)
        );
    }
    drop(store);
    let store = factory.open().await;
    assert_eq!(store.load().await.expect("loads").revision, Revision(3));
    let fence = lead(&store).await;
    assert_eq!(store.commit(fence, batch([put("a", "2")])).await.expect("commits"), Revision(4));
}

pub async fn the_head_is_the_newest_revision(factory: &impl Factory) {
    let store = factory.open().await;
    assert_eq!(store.head().await.expect("there is one"), Revision(0));
    let fence = lead(&store).await;
    for expected in 1..=3 {
        store.commit(fence, batch([put("a", "1")])).await.expect("commits");
        assert_eq!(store.head().await.expect("there is one"), Revision(expected));
    }
    drop(store);
    assert_eq!(factory.open().await.head().await.expect("there is one"), Revision(3));
}

pub async fn concurrent_commits_each_get_a_revision(factory: &impl Factory) {
    let store = factory.open().await;
    let fence = lead(&store).await;
    let commits = (0..10).map(|n| store.commit(fence, batch([put(&format!("{n}"), "v")])));
    let mut revisions = futures_util::future::try_join_all(commits).await.expect("all commit");
    revisions.sort();
    assert_eq!(revisions, (1..=10).map(Revision).collect::<Vec<_>>());
    assert_eq!(records(&store).await.len(), 10);
}
