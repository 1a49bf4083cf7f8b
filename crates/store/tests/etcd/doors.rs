//! Who is let in, where, and with how much.

use std::time::Duration;

use berth_store::{Batch, EtcdLogin, EtcdOptions, EtcdStore, EtcdTls, Revision, Store, StoreError};
use berth_test_etcd::{Cluster, Options};

use super::fixture::{lead, members, one, open, options, put};

async fn refusal(options: EtcdOptions) -> StoreError {
    let hasty = EtcdOptions { patience: Duration::from_secs(2), ..options };
    EtcdStore::open(hasty).await.err().expect("is refused")
}

#[tokio::test]
async fn another_programs_prefix_is_left_alone() {
    let Some(cluster) = members(1) else { return };
    cluster.ctl(&["put", "/test/theirs", "precious"]);
    let error = refusal(options(&cluster)).await;
    assert!(matches!(&error, StoreError::Foreign { key, .. } if key == "/test/theirs"), "{error}");
    let elsewhere = EtcdOptions { prefix: "/test2".to_owned(), ..options(&cluster) };
    EtcdStore::open(elsewhere).await.expect("is another prefix");
    assert_eq!(cluster.ctl(&["get", "/test/", "--prefix", "--keys-only"]).trim(), "/test/theirs");
}

#[tokio::test]
async fn a_later_format_is_refused_by_number() {
    let Some(cluster) = members(1) else { return };
    drop(open(&cluster).await);
    cluster.ctl(&["put", "/test/format", "99"]);
    let error = refusal(options(&cluster)).await;
    assert!(matches!(error, StoreError::Format { found: 99, supported: 1, .. }), "{error}");
}

#[tokio::test]
async fn a_record_that_is_too_large_is_refused_by_name() {
    let Some(cluster) = members(1) else { return };
    let store = open(&cluster).await;
    let fence = lead(&store).await;
    let large = Batch { writes: vec![put("fine", "x"), put("huge", vec![0; 17 << 20])] };
    let error = store.commit(fence, large).await.expect_err("is too large");
    assert!(matches!(error, StoreError::TooLarge { table: 1, .. }), "{error}");
    assert!(error.to_string().contains("huge"), "{error}");
    let next = store.commit(fence, one("a", "1")).await;
    assert_eq!(next.expect("nothing else has happened"), Revision(1));
}

#[tokio::test]
async fn a_full_etcd_says_what_to_do() {
    let quota_bytes = Some(4 << 20);
    let Some(cluster) = (Options { quota_bytes, ..Options::default() }).start() else { return };
    let store = open(&cluster).await;
    let fence = lead(&store).await;
    let mut n = 0;
    let error = loop {
        n += 1;
        let key = n.to_string();
        let batch = Batch { writes: vec![put(&key, vec![b'x'; 500_000])] };
        match store.commit(fence, batch).await {
            Ok(revision) => assert_eq!(revision, Revision(n)),
            Err(error) => break error,
        }
        assert!(n < 50, "the quota is far below this");
    };
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    assert!(error.to_string().contains("alarm disarm"), "{error}");
    // etcd makes what first crosses the line, and says that it has no room: what an error leaves open is open here, too.
    let revision = store.load().await.expect("reads go on").revision;
    assert!([Revision(n - 1), Revision(n)].contains(&revision), "{revision} after {n} tries");
}

#[tokio::test]
async fn a_user_and_a_password_open_the_door() {
    let Some(cluster) = members(1) else { return };
    let login = |user: &str, password: &str| {
        let (user, password) = (user.to_owned(), password.to_owned().into());
        EtcdOptions { login: Some(EtcdLogin { user, password }), ..options(&cluster) }
    };
    drop(EtcdStore::open(login("early", "x")).await.expect("nobody is asked who they are yet"));
    for arguments in [
        &["user", "add", "root:top"][..],
        &["user", "add", "berth:secret"],
        &["role", "add", "cell"],
        &["role", "grant-permission", "cell", "--prefix=true", "readwrite", "/test/"],
        &["user", "grant-role", "berth", "cell"],
        &["user", "grant-role", "root", "root"],
        &["auth", "enable"],
    ] {
        cluster.ctl(arguments);
    }
    let store = EtcdStore::open(login("berth", "secret")).await.expect("opens");
    let fence = lead(&store).await;
    store.commit(fence, one("a", "1")).await.expect("commits");
    store.fold().await.expect("folds");
    let mut batches = store.watch(Revision(0)).await.expect("follows");
    let first = futures_util::StreamExt::next(&mut batches).await;
    assert_eq!(first.expect("is there").expect("is whole").revision, Revision(1));

    for wrong in [login("berth", "wrong"), login("nobody", "secret"), options(&cluster)] {
        let error = refusal(wrong).await;
        assert!(matches!(error, StoreError::Denied { .. }), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let elsewhere = EtcdOptions { prefix: "/other".to_owned(), ..login("berth", "secret") };
    let error = refusal(elsewhere).await;
    assert!(matches!(error, StoreError::Denied { .. }), "{error}");
}

fn with_tls(cluster: &Cluster) -> EtcdOptions {
    let certificates = cluster.certificates();
    let (certificate, key) = &certificates.client;
    let identity = (certificate.clone().into_bytes(), key.clone().into_bytes().into());
    let authority = certificates.authority.clone().into_bytes();
    let tls = Some(EtcdTls { authority, identity: Some(identity) });
    EtcdOptions { tls, ..options(cluster) }
}

#[tokio::test]
async fn tls_goes_both_ways() {
    let Some(cluster) = (Options { tls: true, ..Options::default() }).start() else { return };
    let Some(other) = (Options { tls: true, ..Options::default() }).start() else { return };
    let store = EtcdStore::open(with_tls(&cluster)).await.expect("opens");
    let fence = lead(&store).await;
    store.commit(fence, one("a", "1")).await.expect("commits");
    let mut nameless = with_tls(&cluster);
    nameless.tls = nameless.tls.map(|tls| EtcdTls { identity: None, ..tls });
    let plain = EtcdOptions { tls: None, ..with_tls(&cluster) };
    let distrustful = EtcdOptions { tls: with_tls(&other).tls, ..with_tls(&cluster) };
    for (what, options) in
        [("no certificate", nameless), ("no TLS", plain), ("another authority", distrustful)]
    {
        let error = refusal(options).await;
        assert!(matches!(error, StoreError::Unreachable { .. }), "{what}: {error}");
    }
}
