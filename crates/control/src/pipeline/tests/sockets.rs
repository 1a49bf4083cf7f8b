//! Web sockets as the simulator opens them: without a connection.

use http::Request;

use super::world::*;
use crate::pipeline::websocket::{Close, Ended, Socket};

fn opening(query: &str) -> Request<bytes::Bytes> {
    Request::get(format!("http://localhost/fixture/ws{query}")).body("".into()).unwrap()
}

#[tokio::test]
async fn a_session_runs_on_any_pair_of_channels() {
    let world = World::enforcing();
    let request = signed_by(AGENT_KEY, "eu-west-1", opening("?name=one"));
    let session = world.endpoint.open_socket(&request, PEER).await.unwrap();
    let (socket, mut wire) = Socket::pair(4);
    let client = async {
        assert_eq!(wire.outgoing.recv().await.unwrap(), "hello one, agent:host-1/AKIDAGENT");
        wire.incoming.send("ping".into()).await.unwrap();
        assert_eq!(wire.outgoing.recv().await.unwrap(), "ping");
        wire.incoming.send("close".into()).await.unwrap();
        assert_eq!((&mut wire.close).await, Ok(Close::new(4000, "as you wish")));
        wire.end(Ended::Closed(None));
    };
    tokio::join!(session.run(socket), client);
}

#[tokio::test]
async fn a_refusal_is_a_bare_exception() {
    let world = World::enforcing();
    let refused = async |request| world.endpoint.open_socket(&request, PEER).await.err().unwrap();

    let response = refused(signed(opening(""))).await;
    assert_eq!(
        (response.status().as_u16(), &response.body()[..]),
        (400, &br#"{"InvalidInstanceException":"Who are you?"}"#[..])
    );
    assert!(response.headers().contains_key("x-amzn-requestid"));
    assert_eq!(world.runs(), 1, "the service refused");

    let response = refused(opening("?name=one")).await;
    assert_eq!(
        (response.status().as_u16(), &body(&response)["MissingAuthenticationTokenException"]),
        (403, &"Missing Authentication Token".into())
    );
    let mut tampered = signed(opening("?name=one"));
    *tampered.uri_mut() = "http://localhost/fixture/ws?name=two".parse().unwrap();
    let response = refused(tampered).await;
    assert!(body(&response)["InvalidSignatureException"].is_string());
    assert_eq!(world.runs(), 1, "the service was not asked");

    let response = refused(signed(opening("?name=panic"))).await;
    assert_eq!(response.status(), 500);
    assert!(!body(&response)["ServerException"].as_str().unwrap().contains("fixture"));
}

#[tokio::test]
async fn a_socket_path_without_an_upgrade_says_what_to_do() {
    let world = World::enforcing();
    assert!(world.endpoint.has_socket("/fixture/ws") && !world.endpoint.has_socket("/fixture/ws/"));
    let response = world.handle(signed(opening("?name=one"))).await;
    assert_eq!(response.status(), 426);
    assert_eq!(world.runs(), 0);
}
