//! Paths of our own, for whoever may call operations.

use http::Request;

use super::world::*;
use crate::pipeline::authenticate::OpenAuthenticator;

fn who(query: &str) -> Request<bytes::Bytes> {
    Request::get(format!("http://localhost/fixture/who{query}")).body("".into()).unwrap()
}

#[tokio::test]
async fn whoever_signs_is_known() {
    let world = World::enforcing();
    let response = world.handle(signed_by(AGENT_KEY, "eu-west-1", who(""))).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.body(), "agent:host-1/AKIDAGENT in eu-west-1");
    assert!(response.headers().contains_key("x-amzn-requestid"));
    let counted = lines(&world.metrics, "berth_requests_total");
    assert!(counted.iter().any(|line| line.contains("operation=\"Who\"")), "{counted:?}");
}

#[tokio::test]
async fn nobody_else_gets_in() {
    let world = World::enforcing();
    let response = world.handle(who("")).await;
    assert_eq!(error(&response).1, "MissingAuthenticationTokenException");
    let mut tampered = signed(who("?a=1"));
    *tampered.uri_mut() = "http://localhost/fixture/who?a=2".parse().unwrap();
    assert_eq!(error(&world.handle(tampered).await).1, "InvalidSignatureException");
    assert_eq!(world.runs(), 0, "the service was not asked");

    let denying = World::with(OpenAuthenticator, DenyAll);
    let refused = error(&denying.handle(who("")).await);
    let expected =
        (400, "AccessDeniedException".into(), "anonymous may not fixture:Who on *".into());
    assert_eq!(refused, expected);
    assert_eq!(denying.runs(), 0);
}

#[tokio::test]
async fn refusals_and_panics_are_answers() {
    let world = World::enforcing();
    let refused = world.handle(signed(who("?refuse"))).await;
    assert_eq!(error(&refused), (400, "SerializationException".into(), "What?".into()));
    let broken = world.handle(signed(who("?panic"))).await;
    assert_eq!((broken.status().as_u16(), error(&broken).1.as_str()), (500, "InternalFailure"));
    let posted = Request::post("http://localhost/fixture/who").body("".into()).unwrap();
    let response = world.handle(signed(posted)).await;
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "GET");
}
