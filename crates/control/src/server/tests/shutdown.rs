//! Starting and stopping.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use super::client::*;
use crate::pipeline::tests::world::World;
use crate::server::{Drained, Listeners, Server, ServerOptions};

#[tokio::test]
async fn a_request_being_worked_on_is_answered_before_the_end() {
    let running = Running::open().await;
    let address = running.address();
    let mut busy = running.connect().await;
    let mut idle = running.connect().await;
    assert_eq!(idle.call(post(&text("echo", ""))).await.status, 200);
    busy.send(post(&text("wait", "done"))).await;
    running.fixture.begun.acquire().await.unwrap().forget();

    let stopping = tokio::spawn(running.server.shutdown());
    assert!(idle.reply().await.is_none(), "an idle connection is closed at once");
    assert!(!stopping.is_finished());
    running.world.fixture.gate.add_permits(1);
    let reply = busy.reply().await.unwrap();
    assert!(reply.status == 200 && reply.body.contains("done"), "{reply:?}");
    assert_eq!(stopping.await.unwrap(), Drained::Whole);
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_cut() {
    let running =
        Running::with(World::open(), |options| options.drain = Duration::from_millis(50)).await;
    let mut busy = running.connect().await;
    busy.send(post(&text("wait", "done"))).await;
    running.fixture.begun.acquire().await.unwrap().forget();
    assert_eq!(running.server.shutdown().await, Drained::Cut);
    assert!(busy.reply().await.is_none());
}

#[tokio::test]
async fn who_lets_a_client_wait_hears_of_the_end() {
    let running = Running::open().await;
    let mut waiting = running.connect().await;
    waiting.send("GET /fixture/who?wait HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    running.fixture.begun.acquire().await.unwrap().forget();
    let stopping = tokio::spawn(running.server.shutdown());
    let reply = waiting.reply().await.unwrap();
    assert!(reply.status == 200 && reply.body.contains("stopping"), "{reply:?}");
    assert_eq!(stopping.await.unwrap(), Drained::Whole);
}

#[tokio::test]
async fn every_address_is_served_and_told() {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let listeners = Listeners::bind(&[any, any]).await.unwrap();
    let bound = listeners.addresses().to_vec();
    assert!(bound[0].port() != 0 && bound[1].port() != 0 && bound[0] != bound[1]);
    let server = Server::serve(World::open().endpoint, listeners, ServerOptions::default());
    assert_eq!(server.addresses(), bound);
    for address in bound {
        let mut client = Client::connect(address).await;
        assert_eq!(client.call(post(&text("echo", ""))).await.status, 200);
    }
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let error = Listeners::bind(&[address]).await.err().unwrap();
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}
