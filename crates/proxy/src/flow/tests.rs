//! Whatever is a matter of time alone, on a clock that a test moves.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use berth_proxy_protocol::Forward;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::activity::Activity;
use super::route::Route;
use super::{Flow, STREAM_IDLE, carry};
use crate::ending::Ending;
use crate::group::Groups;

#[tokio::test(start_paused = true)]
async fn silence_begins_anew_with_each_word() {
    let activity = Activity::begin();
    let began = Instant::now();
    let talk = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(300)).await;
            activity.touch();
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = talk => {}
        () = activity.silence(Duration::from_secs(350)) => {}
    }
    assert_eq!(began.elapsed(), Duration::from_secs(900 + 350));
}

/// A connection that is silent is little more than its two sockets.
#[tokio::test]
async fn a_connection_takes_little_memory() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let forward = Forward { groups: Vec::new(), sticky_seconds: None };
    let flow = Flow {
        route: Route::new(&forward, &Groups::default()).expect("it names no group"),
        idle: STREAM_IDLE,
        acceptor: None,
        counters: Arc::default(),
        preserves: false,
        lack: None,
    };
    let live = Arc::new(ArcSwap::from_pointee(flow));
    let client = stream.local_addr().unwrap();
    let carried = carry(live, stream, client, Ending::default());
    let size = size_of_val(&carried);
    assert!(size < 4096, "{size} bytes");
}
