//! Targets are exchanged one after the other while clients ask without a pause: nobody notices.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use berth_proxy_protocol::ListenerProtocol;
use http::Request;
use tokio::task::JoinSet;

use crate::authority::{Authority, secured};
use crate::client::Client;
use crate::target::Target;
use crate::world::{World, forward, group, listener, target};

/// Clients that ask until they are told to stop, and count what they are answered.
#[derive(Default)]
struct Load {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    clients: JoinSet<()>,
}

impl Load {
    fn add(&mut self, mut client: Client) {
        let (stop, answered) = (Arc::clone(&self.stop), Arc::clone(&self.answered));
        self.clients.spawn(async move {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                // What may be sent again and what may not.
                let answer = match number % 3 {
                    0 => client.send_body(Request::post("/"), "a body").await,
                    _ => client.get("/").await,
                };
                assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
                answered.fetch_add(1, Ordering::Relaxed);
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
async fn no_request_fails_while_targets_are_exchanged() {
    let authority = Authority::new("root");
    let mut targets = Vec::new();
    for _ in 0..3 {
        targets.push(Target::echo("old").await);
    }
    let addresses: Vec<SocketAddr> = targets.iter().map(|target| target.address).collect();
    let mut world = World::new(vec![forward("group")], vec![group("group", &addresses)]);
    let mut secure = listener("secure", vec![forward("group")]);
    secure.protocol = ListenerProtocol::Https;
    secure.certificates = vec!["only".into()];
    world.configuration.certificates = vec![authority.certificate("only", &["test.example"])];
    world.balancer().listeners.push(secure);
    world.apply();

    let mut load = Load::default();
    for _ in 0..4 {
        load.add(Client::connect(world.address()).await);
        let config = authority.trusting(&["h2"], None);
        let stream = secured(config, world.address_of("secure"), "test.example").await;
        load.add(Client::http2(stream.expect("it is trusted")).await);
    }
    load.pass(100).await;
    for _ in 0..6 {
        // As a deployment does it: the new one comes, the old one is drained, and ends when it has nothing left.
        let new = Target::echo("new").await;
        world.configuration.revision += 1;
        world.group().targets.push(target(new.address));
        world.apply();
        load.pass(30).await;
        world.group().targets[0].is_draining = true;
        world.apply();
        load.pass(60).await;
        world.group().targets.remove(0);
        world.apply();
        drop(targets.remove(0));
        targets.push(new);
        load.pass(30).await;
    }
    load.stop.store(true, Ordering::Relaxed);
    while let Some(ended) = load.clients.join_next().await {
        ended.expect("no request failed");
    }
    assert_eq!(world.metric("HTTPCode_ELB_5XX_Count"), 0);
    assert_eq!(world.metric("NewConnectionCount"), 8, "nobody had to come again");
}
