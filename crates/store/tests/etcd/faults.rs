//! Members that die while a leader writes.

use std::time::Duration;

use berth_store::{EtcdOptions, EtcdStore, Revision, Store, StoreError};

use super::fixture::{check_uniform, lead, members, one, open, options, uniform};

const KEYS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_single_members_death_is_noticed() {
    let Some(mut cluster) = members(3) else { return };
    let store = open(&cluster).await;
    let mut leadership = store.campaign("a").await.expect("leads");
    let mut n = 0;
    for member in 0..3 {
        let target = n + 40;
        while n < target {
            n += 1;
            if n == target - 30 {
                cluster.kill(member);
            }
            if n == target - 10 {
                cluster.start(member);
            }
            let committed = store.commit(leadership.fence, uniform(n, KEYS, 1000)).await;
            assert_eq!(committed.expect("two of three suffice"), Revision(n));
        }
        cluster.wait_healthy();
    }
    assert!(!*leadership.lost.borrow_and_update() && leadership.lease.holds());
    let other = open(&cluster).await;
    assert_eq!(check_uniform(other.load().await.expect("loads"), KEYS), Revision(n));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_quorum_nobody_leads_and_with_it_again_somebody_does() {
    let Some(mut cluster) = members(3) else { return };
    let short = EtcdOptions { lease: Duration::from_secs(2), ..options(&cluster) };
    let store = EtcdStore::open(short).await.expect("opens");
    let mut leadership = store.campaign("a").await.expect("leads");
    store.commit(leadership.fence, one("a", "1")).await.expect("commits");
    cluster.kill(1);
    cluster.kill(2);
    let error = store.commit(leadership.fence, one("a", "2")).await.expect_err("no quorum");
    assert!(
        matches!(error, StoreError::Unresolved { .. } | StoreError::NoQuorum { .. }),
        "{error}"
    );
    leadership.lost.wait_for(|lost| *lost).await.expect("the store is there");
    assert!(!leadership.lease.holds());
    let hasty = EtcdOptions { patience: Duration::from_secs(1), ..options(&cluster) };
    let error = EtcdStore::open(hasty).await.err().expect("nothing can be read");
    assert!(
        matches!(error, StoreError::NoQuorum { .. } | StoreError::Unreachable { .. }),
        "{error}"
    );

    cluster.start(1);
    cluster.start(2);
    cluster.wait_healthy();
    let fence = lead(&store).await;
    assert!(fence > leadership.fence);
    let loaded = store.load().await.expect("loads");
    // Whether the second was committed was open, and now it is known.
    assert_eq!(loaded.records[0].1, if loaded.revision == Revision(1) { "1" } else { "2" });
    let next = Revision(loaded.revision.0 + 1);
    assert_eq!(store.commit(fence, one("a", "3")).await.expect("commits"), next);
}

#[tokio::test]
async fn a_member_that_hangs_is_passed_over() {
    let Some(mut cluster) = members(3) else { return };
    let store = open(&cluster).await;
    let fence = lead(&store).await;
    for member in 0..3 {
        cluster.pause(member);
        let n = member as u64 + 1;
        assert_eq!(store.commit(fence, uniform(n, KEYS, 8)).await.expect("commits"), Revision(n));
        cluster.go_on(member);
        cluster.wait_healthy();
    }
}

#[tokio::test]
async fn an_etcd_that_is_gone_is_named() {
    let Some(mut cluster) = members(1) else { return };
    cluster.kill(0);
    let hasty = EtcdOptions { patience: Duration::from_millis(300), ..options(&cluster) };
    let error = EtcdStore::open(hasty).await.err().expect("nobody answers");
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains(&cluster.endpoints()[0]), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}
