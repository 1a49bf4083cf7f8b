//! Time passes as these tests say, on a connection inside this process.

use tokio::io::{DuplexStream, duplex};

use super::*;
use crate::pipeline::websocket::Socket;

const PING: Duration = Duration::from_secs(20);

async fn connection() -> (Socket, WebSocketStream<DuplexStream>, impl Future<Output = ()>) {
    let (client, server) = duplex(64 * 1024);
    let (socket, wire) = Socket::pair(1);
    let pump = async move {
        let limits = SocketLimits { queue: 1, ping: PING, ..SocketLimits::default() };
        run(server, wire, &limits, &Stop::new()).await;
    };
    (socket, WebSocketStream::from_raw_socket(client, Role::Client, None).await, pump)
}

#[tokio::test(start_paused = true)]
async fn a_client_that_answers_no_ping_is_lost() {
    let (mut socket, _client, pump) = connection().await;
    let start = Instant::now();
    pump.await;
    assert_eq!(start.elapsed(), PING * PATIENCE);
    assert_eq!(socket.incoming.recv().await, None);
    assert_eq!(socket.ended(), Some(&Ended::Lost("the client has fallen silent".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_answers_pings_may_be_silent_for_long() {
    let (_socket, mut client, pump) = connection().await;
    let mut pings = 0;
    let listening = async {
        while pings < 100 {
            match client.next().await.unwrap().unwrap() {
                Message::Ping(_) => pings += 1,
                other => panic!("{other:?}"),
            }
            client.flush().await.unwrap();
        }
    };
    tokio::select! {
        () = pump => panic!("the server hung up"),
        () = listening => {}
    }
    assert_eq!(pings, 100);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_speaks_is_not_pinged() {
    let (mut socket, mut client, pump) = connection().await;
    let talk = async {
        for _ in 0..100 {
            tokio::time::sleep(PING - Duration::from_secs(1)).await;
            client.send(Message::text("still here")).await.unwrap();
            assert_eq!(socket.incoming.recv().await.as_deref(), Some("still here"));
            let heard = tokio::time::timeout(Duration::from_millis(1), client.next()).await;
            assert!(heard.is_err(), "{heard:?}");
        }
    };
    tokio::select! {
        () = pump => panic!("the server hung up"),
        () = talk => {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_service_holds_its_client_up_and_loses_nothing() {
    let (mut socket, mut client, pump) = connection().await;
    let service = async {
        // Far longer than an unheard client may be silent: it is the service that is slow.
        tokio::time::sleep(PING * PATIENCE * 10).await;
        for at in 0..50 {
            assert_eq!(socket.incoming.recv().await.unwrap(), at.to_string());
        }
        drop(socket);
    };
    let sending = async {
        for at in 0..50 {
            client.send(Message::text(at.to_string())).await.unwrap();
        }
        while let Some(Ok(message)) = client.next().await {
            assert!(matches!(message, Message::Ping(_) | Message::Close(_)), "{message:?}");
        }
    };
    tokio::join!(pump, service, sending);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_is_given_up() {
    let (socket, _client, pump) = connection().await;
    let sending = async {
        while socket.outgoing.send("x".repeat(10_000)).await.is_ok() {}
        assert_eq!(socket.ended(), Some(&Ended::Lost("the client takes no more".to_owned())));
    };
    tokio::join!(pump, sending);
}
