//! Over real sockets, against a server that checks every signature.

use berth_agent_protocol::tcs::SignedFrame;
use berth_agent_protocol::{Exception, ExceptionKind};
use berth_aws_protocol::sigv4::{CredentialScope, Credentials, KeyRefusal, SigningKey, verify};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::*;
use crate::Hangup;
use crate::testing::http_server::answer;

const REGION: &str = "eu-west-1";

fn control_plane(listener: &TcpListener) -> HttpControlPlane {
    let address = format!("http://{}", listener.local_addr().unwrap());
    HttpControlPlane::new(&address, REGION, Credentials::new("AKID", "secret")).unwrap()
}

fn assert_signed(request: &http::Request<Bytes>) {
    let keys =
        |id: &str, _: Option<&str>, scope: &CredentialScope| -> Result<SigningKey, KeyRefusal> {
            assert_eq!(id, "AKID");
            Ok(SigningKey::derive("secret", scope))
        };
    let verified = verify(request, SystemClock.now(), &keys).unwrap();
    assert_eq!((verified.region.as_str(), verified.service.as_str()), (REGION, "ecs"));
}

#[tokio::test]
async fn a_call_is_signed_json_and_so_is_its_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let control_plane = control_plane(&listener);
    let server = tokio::spawn(answer(listener, "200 OK", r#"{"acknowledgment":"ok"}"#));
    let output = control_plane.call("SubmitTaskStateChange", json!({"task": "t"})).await.unwrap();
    assert_eq!(output, json!({"acknowledgment": "ok"}));

    let request = server.await.unwrap();
    assert_signed(&request);
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/"));
    assert_eq!(request.headers()["content-type"], "application/x-amz-json-1.1");
    assert_eq!(
        request.headers()["x-amz-target"],
        "AmazonEC2ContainerServiceV20141113.SubmitTaskStateChange"
    );
    assert_eq!(request.body(), r#"{"task":"t"}"#);
}

#[tokio::test]
async fn a_refused_call_has_its_code_and_a_deaf_server_none() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let control_plane = control_plane(&listener);
    let body = r#"{"__type":"InvalidParameterException","message":"no such task"}"#;
    let server = tokio::spawn(answer(listener, "400 Bad Request", body));
    let error = control_plane.call("SubmitTaskStateChange", json!({})).await.unwrap_err();
    assert_eq!(error.to_string(), "InvalidParameterException: no such task");
    server.await.unwrap();

    let error = control_plane.call("SubmitTaskStateChange", json!({})).await.unwrap_err();
    assert!(matches!(error, CallError::Unreachable(_)), "{error}");
}

/// Takes one web socket, checking that the request for it is signed.
async fn accept(listener: &TcpListener) -> (WebSocketStream<TcpStream>, String) {
    let (stream, _) = listener.accept().await.unwrap();
    let mut address = String::new();
    #[expect(clippy::result_large_err, reason = "the library's callback has this type")]
    let check = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        let (parts, ()) = request.clone().into_parts();
        assert_signed(&http::Request::from_parts(parts, Bytes::new()));
        address = request.uri().to_string();
        Ok(response)
    };
    let socket = tokio_tungstenite::accept_hdr_async(stream, check).await.unwrap();
    (socket, address)
}

fn acs_session() -> AcsSession {
    AcsSession {
        cluster: "c".into(),
        container_instance: "arn:i/1".into(),
        agent_version: "1".into(),
        agent_hash: "h".into(),
        docker_version: "20".into(),
        send_credentials: true,
    }
}

#[tokio::test]
async fn an_assignment_socket_carries_bare_frames_and_tells_how_it_was_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let control_plane = control_plane(&listener);
    let endpoint = format!("http://{}/acs/", listener.local_addr().unwrap());
    let session = acs_session();
    let (opened, (mut server, address)) =
        tokio::join!(control_plane.open_acs(&endpoint, &session), accept(&listener));
    let mut socket = opened.unwrap();
    assert_eq!(
        address,
        "/acs/ws?agentHash=h&agentVersion=1&clusterArn=c&containerInstanceArn=arn%3Ai%2F1\
         &dockerVersion=DockerVersion%3A%2020&protocolVersion=2&sendCredentials=true&seqNum=1"
    );

    socket.outgoing.send("up".into()).await.unwrap();
    assert_eq!(server.next().await.unwrap().unwrap(), Message::text("up"));
    server.send(Message::text("down")).await.unwrap();
    assert_eq!(socket.incoming.recv().await, Some(Ok("down".to_owned())));
    let frame = CloseFrame { code: 1001.into(), reason: "bye".into() };
    server.close(Some(frame)).await.unwrap();
    assert_eq!(
        socket.incoming.recv().await,
        Some(Err(Hangup { code: 1001, reason: "bye".into() }))
    );
}

#[tokio::test]
async fn a_telemetry_frame_is_signed_by_itself() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let control_plane = control_plane(&listener);
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let session = TcsSession {
        cluster: "c".into(),
        container_instance: "i".into(),
        agent_version: "1".into(),
        agent_hash: "h".into(),
        docker_version: "20".into(),
    };
    let (opened, (mut server, address)) =
        tokio::join!(control_plane.open_tcs(&endpoint, &session), accept(&listener));
    opened.unwrap().outgoing.send(r#"{"type":"X"}"#.into()).await.unwrap();

    let text = server.next().await.unwrap().unwrap().into_text().unwrap();
    let frame = SignedFrame::parse(text.as_str()).unwrap();
    assert_eq!(frame.body, r#"{"type":"X"}"#);
    let mut request = http::Request::get(&address);
    for (name, value) in &frame.headers {
        request = request.header(*name, *value);
    }
    assert_signed(&request.body(Bytes::copy_from_slice(frame.body.as_bytes())).unwrap());
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let control_plane = control_plane(&listener);
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let session = acs_session();
    let (opened, (_server, _)) =
        tokio::join!(control_plane.open_acs(&endpoint, &session), accept(&listener));
    let socket = opened.unwrap();
    // Hours pass whenever nothing moves.
    tokio::time::pause();
    let filling = async { while socket.outgoing.send("x".repeat(1 << 20)).await.is_ok() {} };
    let limit = std::time::Duration::from_secs(60 * 60);
    tokio::time::timeout(limit, filling).await.expect("whoever sends is told that nobody is there");
}

#[tokio::test]
async fn a_refused_session_tells_the_servers_reason() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let control_plane = control_plane(&listener);
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let inactive = Exception::new(ExceptionKind::InactiveInstance, "deregistered");
    let body = inactive.encode_bare();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        while !read.ends_with(b"\r\n\r\n") {
            stream.read_buf(&mut read).await.unwrap();
        }
        let answer =
            format!("HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream
    });
    let Err(error) = control_plane.open_acs(&endpoint, &acs_session()).await else {
        panic!("it was opened")
    };
    assert!(matches!(error, DialError::Refused(exception) if exception == inactive));
    server.await.unwrap();
}

#[test]
fn an_address_that_cannot_be_used_is_refused_at_once() {
    for (address, fault) in [
        ("https://a", "--ca-file"),
        ("localhost:1", "http://"),
        ("", "not the address of a server"),
        ("ftp://a", "http://"),
    ] {
        let error = HttpControlPlane::new(address, REGION, Credentials::new("a", "b"));
        let error = format!("{:#}", error.err().unwrap());
        assert!(error.contains(fault), "{address}: {error}");
    }
}
