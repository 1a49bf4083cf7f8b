//! One proxy takes over from another: nobody notices, and whichever of them dies on the way, the other one carries.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use berth_proxy::Proxy;
use berth_proxy::handover::{Beginning, HandoverError, Predecessor, Succession, Tenure, begin};
use berth_proxy_protocol::{Configuration, HealthCheck, HealthProtocol, Matcher};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::client::{Client, get, read_until};
use crate::target::Target;
use crate::world::{World, forward, group};

async fn first(folder: &Path) -> Tenure {
    match begin(folder, "the first", false).await.expect("nobody is there") {
        Beginning::First(tenure) => tenure,
        Beginning::Succeeding(_) => panic!("nobody is there"),
    }
}

async fn next(folder: &Path) -> Box<Succession> {
    match begin(folder, "the next", true).await.expect("somebody hands over") {
        Beginning::First(_) => panic!("somebody is there"),
        Beginning::Succeeding(succession) => succession,
    }
}

/// Leaves one proxy's sockets to a new one.
async fn succeed(
    folder: &Path,
    old: &Proxy,
    tenure: Tenure,
    configuration: &Configuration,
) -> (Proxy, Tenure) {
    let lend = async || io::Result::Ok((old.estate()?, ()));
    let (successor, (proxy, next, predecessor)) =
        tokio::join!(tenure.succeeded("the old one", lend), take_over(folder, configuration));
    assert_eq!(successor.pid(), i32::try_from(std::process::id()).ok());
    successor.release().await;
    predecessor.released().await;
    (proxy, next)
}

async fn take_over(folder: &Path, configuration: &Configuration) -> (Proxy, Tenure, Predecessor) {
    let mut succession = next(folder).await;
    let proxy = Proxy::succeeding(World::options(), succession.estate());
    proxy.apply(configuration);
    let (tenure, predecessor) = succession.carrying().await.expect("it waits for that");
    (proxy, tenure, predecessor)
}

/// Clients that ask until they are told to stop.
#[derive(Default)]
struct Load {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    clients: JoinSet<()>,
}

impl Load {
    /// One that comes anew for each request, or only when it was told that its connection ends.
    fn add(&mut self, address: SocketAddr, comes_anew: bool) {
        let (stop, answered) = (Arc::clone(&self.stop), Arc::clone(&self.answered));
        self.clients.spawn(async move {
            let mut client = Client::connect(address).await;
            while !stop.load(Ordering::Relaxed) {
                let answer = client.get("/").await;
                assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
                answered.fetch_add(1, Ordering::Relaxed);
                if comes_anew || answer.header("connection") == "close" {
                    client = Client::connect(address).await;
                }
            }
        });
    }

    /// Waits until so many more are answered.
    async fn pass(&self, more: u64) {
        let until = self.answered.load(Ordering::Relaxed) + more;
        while self.answered.load(Ordering::Relaxed) < until {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_one_proxy_follows_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Target::echo("one").await;
    let World { mut proxy, configuration } = World::forwarding_to(&[target.address]);
    let mut tenure = first(folder.path()).await;
    let address = proxy.state().listeners[0].address;
    let id = proxy.id().to_owned();
    let mut load = Load::default();
    for number in 0..6 {
        load.add(address, number % 2 == 0);
    }
    load.pass(50).await;
    for _ in 0..4 {
        let (new, next) = succeed(folder.path(), &proxy, tenure, &configuration).await;
        assert_eq!((new.state().listeners[0].address, new.id()), (address, &*id));
        let old = std::mem::replace(&mut proxy, new);
        tenure = next;
        load.pass(20).await;
        // It ends by itself: whoever asks something is told to come again.
        old.retire(pending()).await;
        load.pass(50).await;
    }
    load.stop.store(true, Ordering::Relaxed);
    while let Some(ended) = load.clients.join_next().await {
        ended.expect("no request failed");
    }
    let counted = proxy.counters().balancers["app/test/1"].clone();
    assert!(counted.metrics["NewConnectionCount"] > 0, "{counted:?}");
}

#[tokio::test]
async fn what_is_under_way_ends_where_it_began() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Target::raw(|mut stream| async move {
        let asked = read_until(&mut stream, "\r\n\r\n").await;
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
        stream.write_all(head.as_bytes()).await.expect("somebody reads");
        if asked.starts_with("GET /slow") {
            // Until the client has heard from another proxy.
            pending::<()>().await;
        }
        stream.write_all(b"quick").await.expect("somebody reads");
    })
    .await;
    let World { proxy: old, configuration } = World::forwarding_to(&[target.address]);
    let address = old.state().listeners[0].address;
    let tenure = first(folder.path()).await;
    let mut slow = TcpStream::connect(address).await.expect("somebody listens");
    slow.write_all(b"GET /slow HTTP/1.1\r\nhost: h\r\n\r\n").await.expect("somebody reads");
    read_until(&mut slow, "\r\n\r\n").await;
    // One that has asked nothing yet has not been told to come again.
    let mut silent = TcpStream::connect(address).await.expect("somebody listens");
    while old.counters().balancers["app/test/1"].metrics["ActiveConnectionCount"] < 2 {
        tokio::task::yield_now().await;
    }

    let (new, _tenure) = succeed(folder.path(), &old, tenure, &configuration).await;
    let (enough, is_enough) = tokio::sync::oneshot::channel::<()>();
    let retiring = tokio::spawn(old.retire(async { drop(is_enough.await) }));
    assert_eq!(get(address, "/").await.body, "quick");
    silent.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.expect("somebody reads");
    let mut heard = String::new();
    silent.read_to_string(&mut heard).await.expect("a whole answer");
    assert!(heard.contains("Connection: close") && heard.ends_with("quick"), "{heard}");
    assert_eq!(new.counters().balancers["app/test/1"].metrics["NewConnectionCount"], 1);
    assert!(!retiring.is_finished(), "one is under way");
    enough.send(()).expect("it waits");
    retiring.await.expect("it ends");
    assert!(matches!(slow.read(&mut [0; 8]).await, Ok(0) | Err(_)), "it took too long");
}

#[tokio::test]
async fn a_successor_that_dies_before_it_carries_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Target::echo("one").await;
    let world = World::forwarding_to(&[target.address]);
    let tenure = first(folder.path()).await;
    let lend = async || io::Result::Ok((world.proxy.estate()?, ()));
    let dying = async {
        for _ in 0..3 {
            let mut succession = next(folder.path()).await;
            let half = Proxy::succeeding(World::options(), succession.estate());
            half.apply(&world.configuration);
            drop((half, succession));
        }
        let (proxy, tenure, predecessor) = take_over(folder.path(), &world.configuration).await;
        drop((proxy, tenure, predecessor));
    };
    let (_successor, ()) = tokio::join!(tenure.succeeded("the old one", lend), dying);
    assert_eq!(get(world.address(), "/").await.target(), "one", "its own sockets are open still");
}

#[tokio::test]
async fn a_predecessor_that_dies_half_way_is_succeeded_all_the_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Target::echo("one").await;
    let World { proxy: old, configuration } = World::forwarding_to(&[target.address]);
    let address = old.state().listeners[0].address;
    let tenure = first(folder.path()).await;
    let mut succession = {
        let lend = async || io::Result::Ok((old.estate()?, ()));
        tokio::select! {
            succession = next(folder.path()) => succession,
            _ = tenure.succeeded("the old one", lend) => panic!("nobody said that they carry"),
        }
    };
    drop((old, tenure));
    let new = Proxy::succeeding(World::options(), succession.estate());
    new.apply(&configuration);
    let (_tenure, predecessor) = succession.carrying().await.expect("it has all that it needs");
    predecessor.released().await;
    assert_eq!(get(address, "/").await.target(), "one");
    let refused = begin(folder.path(), "another", false).await.err().expect("somebody carries");
    assert!(matches!(refused, HandoverError::Taken { .. }), "{refused}");
    let pid = std::process::id().to_string();
    assert!(refused.to_string().contains(&pid), "{refused}");
}

#[tokio::test]
async fn one_after_the_other_the_lock_is_free() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(first(folder.path()).await);
    drop(first(folder.path()).await);
    match begin(folder.path(), "the next", true).await.expect("nobody is there") {
        Beginning::First(_) => {}
        Beginning::Succeeding(_) => panic!("nobody is there"),
    }
}

#[tokio::test]
async fn targets_are_as_healthy_as_they_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ill, well) = (Target::echo("ill").await, Target::echo("well").await);
    let mut group = group("group", &[ill.address, well.address]);
    group.health_check = Some(HealthCheck {
        protocol: HealthProtocol::Http,
        port: None,
        path: "/".to_owned(),
        interval_seconds: 300,
        timeout_seconds: 5,
        healthy_threshold: 2,
        unhealthy_threshold: 2,
        matcher: Matcher::Http(vec![(200, 200)]),
    });
    let World { proxy: old, mut configuration } = World::new(vec![forward("group")], vec![group]);
    old.apply(&configuration);
    let healthy = |proxy: &Proxy| {
        let key = ("app/test/1".to_owned(), "group".to_owned(), "a".to_owned());
        proxy.counters().hosts[&key].healthy
    };
    while healthy(&old) < 2 {
        old.health().news().await;
    }
    let tenure = first(folder.path()).await;
    // The next one could not find it out by itself.
    let check = configuration.target_groups[0].health_check.as_mut().expect("it has one");
    check.port = Some(1);
    let (new, _tenure) = succeed(folder.path(), &old, tenure, &configuration).await;
    assert_eq!(healthy(&new), 2);
}
