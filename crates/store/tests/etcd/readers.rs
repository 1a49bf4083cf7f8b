//! Whoever loads or follows sees whole batches, whatever is done to the log meanwhile.

use berth_store::{EtcdOptions, EtcdStore, Revision, Store, StoreError, Write};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};

use super::fixture::{check_uniform, lead, members, number, one, open, options, put, uniform};

fn values(writes: &[Write]) -> impl Iterator<Item = Bytes> {
    writes.iter().map(|write| match write {
        Write::Put { value, .. } => value.clone(),
        Write::Delete { key } => panic!("nothing deletes {key:?}"),
    })
}

/// Batches of 3 MB, so that each is staged; folded and cleared away as fast as they come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_seen_by_half() {
    const KEYS: usize = 300;
    const BATCHES: u64 = 25;
    let Some(cluster) = members(1) else { return };
    let hasty = EtcdOptions { history_batches: 4, fold_batches: 2, ..options(&cluster) };
    let leader = EtcdStore::open(hasty).await.expect("opens");
    let fence = lead(&leader).await;
    let follower = open(&cluster).await;

    let write = async {
        for n in 1..=BATCHES {
            let committed = leader.commit(fence, uniform(n, KEYS, 10_000)).await;
            assert_eq!(committed.expect("commits"), Revision(n));
        }
    };
    let load = async {
        let mut seen = 0;
        while seen < BATCHES {
            let loaded = check_uniform(follower.load().await.expect("loads"), KEYS).0;
            assert!(loaded >= seen, "time goes forward");
            seen = loaded;
        }
    };
    let follow = async {
        let mut at = Revision(0);
        while at.0 < BATCHES {
            let mut batches = match follower.watch(at).await {
                Ok(batches) => batches,
                Err(StoreError::Compacted { oldest, .. }) => {
                    at = at.max(oldest);
                    continue;
                }
                Err(error) => panic!("{error}"),
            };
            while at.0 < BATCHES {
                match batches.next().await.expect("goes on until an error") {
                    Ok(committed) => {
                        assert_eq!(committed.revision.0, at.0 + 1, "none is skipped");
                        at = committed.revision;
                        assert_eq!(number(values(&committed.batch.writes), KEYS), at.0);
                    }
                    Err(StoreError::Compacted { oldest, .. }) => {
                        at = at.max(oldest);
                        break;
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        }
    };
    futures_util::join!(write, load, follow);
    leader.fold().await.expect("folds");
    let staged = cluster.ctl(&["get", "/test/stage/", "--prefix", "--keys-only"]);
    assert_eq!(staged.matches("/test/stage/").count(), 4 * 2, "of the four batches that are kept");
    assert_eq!(check_uniform(follower.load().await.expect("loads"), KEYS), Revision(BATCHES));
}

#[tokio::test]
async fn what_was_folded_is_what_was_written() {
    let Some(cluster) = members(1) else { return };
    let store = open(&cluster).await;
    let fence = lead(&store).await;
    let big = |n: u8| Bytes::from(vec![n; 2_500_000]);
    let delete = |key: &str| Write::Delete { key: put(key, "").key().clone() };
    // Values shrink, grow, go and come back; some before they were ever folded, some after.
    let steps: [Vec<Write>; 5] = [
        vec![put("a", big(1)), put("b", "small"), put("c", big(2)), put("a\0\0", big(9))],
        vec![put("a", "small now"), put("b", big(3)), delete("c")],
        vec![delete("a"), put("b", big(4)), put("c", "back"), put("d", "")],
        vec![put("a", big(5)), delete("b"), delete("never there")],
        vec![put("a", big(6)), put("e", big(7)), delete("e")],
    ];
    let mut expected = std::collections::BTreeMap::new();
    for step in steps {
        for write in &step {
            match write {
                Write::Put { key, value } => drop(expected.insert(key.clone(), value.clone())),
                Write::Delete { key } => drop(expected.remove(key)),
            }
        }
        store.commit(fence, berth_store::Batch { writes: step }).await.expect("commits");
        let expected: Vec<_> = expected.clone().into_iter().collect();
        let look = async || store.load().await.expect("loads").records;
        assert!(look().await == expected, "from the log");
        store.fold().await.expect("folds");
        assert!(look().await == expected, "from the records");
    }
    let pieces = cluster.ctl(&["get", "/test/pieces/", "--prefix", "--keys-only"]);
    assert_eq!(pieces.matches("/test/pieces/").count(), 2 * 2, "of two values that are in pieces");
}

#[tokio::test]
async fn a_follower_goes_on_after_compactions_and_restarts() {
    let Some(mut cluster) = members(1) else { return };
    let leader = open(&cluster).await;
    let fence = lead(&leader).await;
    let follower = open(&cluster).await;
    let mut batches = follower.watch(Revision(0)).await.expect("follows");
    let mut next = async |n: u64| {
        let committed = batches.next().await.expect("goes on").expect("no gap");
        assert_eq!(committed.revision, Revision(n));
    };
    let compact = |cluster: &berth_test_etcd::Cluster| {
        let status = cluster.ctl(&["endpoint", "status", "--write-out=fields"]);
        let revision = status.lines().find_map(|line| line.strip_prefix("\"Revision\" : "));
        cluster.ctl(&["compact", revision.expect("every status has one")]);
    };
    leader.commit(fence, one("a", "1")).await.expect("commits");
    next(1).await;
    leader.commit(fence, one("a", "2")).await.expect("commits");
    compact(&cluster);
    next(2).await;
    leader.commit(fence, one("a", "3")).await.expect("commits");
    compact(&cluster);
    cluster.kill(0);
    cluster.start(0);
    leader.commit(fence, one("a", "4")).await.expect("waits until it is back");
    compact(&cluster);
    next(3).await;
    next(4).await;
}

#[tokio::test]
async fn a_follower_from_the_future_loads_again() {
    let Some(cluster) = members(1) else { return };
    let store = open(&cluster).await;
    let refused = store.watch(Revision(7)).now_or_never();
    assert!(refused.is_none(), "etcd is asked");
    let refused = store.watch(Revision(7)).await.err();
    assert!(
        matches!(refused, Some(StoreError::Compacted { oldest: Revision(0), .. })),
        "{refused:?}"
    );
}
