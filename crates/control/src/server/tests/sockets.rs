//! Web sockets over real connections.

use futures_util::{SinkExt, StreamExt};
use http::Request;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::client::*;
use crate::pipeline::tests::world::{AGENT_KEY, World, lines, signed_by};
use crate::server::Drained;

/// Opens a socket, signed by the agent unless it goes to an open server.
async fn open(
    running: &Running,
    query: &str,
    sign: bool,
) -> Result<WebSocketStream<TcpStream>, Error> {
    let stream = TcpStream::connect(running.address()).await.unwrap();
    client_async(handshake(running, query, sign), stream).await.map(|(socket, _)| socket)
}

/// The request for a socket.
pub(super) fn handshake(running: &Running, query: &str, sign: bool) -> Request<()> {
    let uri = format!("ws://{}/fixture/ws{query}", running.address());
    let mut request = Request::get(uri).body(bytes::Bytes::new()).unwrap();
    if sign {
        request = signed_by(AGENT_KEY, "eu-west-1", request);
    }
    let host = running.address().to_string();
    let headers = request.headers_mut();
    for (name, value) in [
        ("host", host.as_str()),
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    request.map(drop)
}

async fn heard(socket: &mut WebSocketStream<TcpStream>) -> String {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Text(text) => return text.as_str().to_owned(),
            Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// The code and reason of the close frame that comes next.
async fn closed(socket: &mut WebSocketStream<TcpStream>) -> (CloseCode, String) {
    loop {
        match socket.next().await.expect("a close frame comes before the end").unwrap() {
            Message::Close(Some(frame)) => return (frame.code, frame.reason.as_str().to_owned()),
            Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn frames_go_both_ways() {
    let running = Running::with(World::enforcing(), |_| {}).await;
    let mut socket = open(&running, "?name=one", true).await.unwrap();
    assert_eq!(heard(&mut socket).await, "hello one, agent:host-1/AKIDAGENT");
    for at in 0..200 {
        let text = format!("{at} {}", "x".repeat(at * 100));
        socket.send(Message::text(text.clone())).await.unwrap();
        assert_eq!(heard(&mut socket).await, text);
    }
    assert_eq!(lines(&running.metrics, "berth_websockets_open"), ["berth_websockets_open 1"]);
    socket.close(None).await.unwrap();
    while let Some(Ok(_)) = socket.next().await {}
    // The session ran to its end: it saw the client leave.
    running.fixture.begun.acquire().await.unwrap().forget();
}

#[tokio::test]
async fn a_refusal_comes_before_the_upgrade() {
    let running = Running::with(World::enforcing(), |_| {}).await;
    for (query, sign, status, exception) in [
        ("", true, 400, "{\"InvalidInstanceException\":\"Who are you?\"}"),
        (
            "?name=one",
            false,
            403,
            "{\"MissingAuthenticationTokenException\":\"Missing Authentication Token\"}",
        ),
    ] {
        let Err(Error::Http(response)) = open(&running, query, sign).await else {
            panic!("{query} was opened")
        };
        assert_eq!(response.status(), status);
        let body = response.body().as_deref().unwrap_or_default();
        assert_eq!(String::from_utf8_lossy(body), exception);
    }
}

#[tokio::test]
async fn the_service_closes_with_its_own_word_or_none() {
    let running = Running::open().await;
    for (text, expected) in [
        ("close", (CloseCode::Library(4000), "as you wish".to_owned())),
        ("leave", (CloseCode::Normal, String::new())),
        // A panicking session lets go of its socket; the server goes on.
        ("panic", (CloseCode::Normal, String::new())),
    ] {
        let mut socket = open(&running, "?name=one", false).await.unwrap();
        heard(&mut socket).await;
        socket.send(Message::text(text)).await.unwrap();
        assert_eq!(closed(&mut socket).await, expected, "{text}");
    }
    assert_eq!(
        lines(&running.metrics, "berth_websocket_panics_total"),
        ["berth_websocket_panics_total 1"]
    );
}

#[tokio::test]
async fn what_is_too_large_or_not_text_is_closed_with_a_reason() {
    let running =
        Running::with(World::open(), |options| options.sockets.message_limit = 1000).await;
    for (message, code) in [
        (Message::text("x".repeat(1001)), CloseCode::Size),
        (Message::binary(vec![0_u8; 10]), CloseCode::Unsupported),
    ] {
        let mut socket = open(&running, "?name=one", false).await.unwrap();
        heard(&mut socket).await;
        socket.send(Message::text("x".repeat(1000))).await.unwrap();
        assert_eq!(heard(&mut socket).await.len(), 1000);
        socket.send(message).await.unwrap();
        assert_eq!(closed(&mut socket).await.0, code);
    }
}

#[tokio::test]
async fn a_stopping_server_says_goodbye() {
    let running = Running::open().await;
    let mut socket = open(&running, "?name=one", false).await.unwrap();
    heard(&mut socket).await;
    let stopping = tokio::spawn(running.server.shutdown());
    assert_eq!(closed(&mut socket).await.0, CloseCode::Away);
    while let Some(Ok(_)) = socket.next().await {}
    assert_eq!(stopping.await.unwrap(), Drained::Whole);
}
