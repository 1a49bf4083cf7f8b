//! Who calls too often is told so, and nobody else.

use std::net::IpAddr;
use std::time::Duration;

use http::Request;

use super::world::*;
use crate::pipeline::Peer;
use crate::pipeline::throttle::RateLimits;
use crate::pipeline::websocket::SocketRefusal;

/// The fixture's own rate: three at once, one a second.
async fn ask(world: &World, key: (&str, &str)) -> String {
    let answer = world.handle(signed_by(key, "eu-west-1", put_text("echo", ""))).await;
    if answer.status() == 200 { "OK".to_owned() } else { error(&answer).1 }
}

#[tokio::test(start_paused = true)]
async fn a_caller_has_a_burst_then_a_rate_and_shares_them_with_nobody() {
    let (world, _lines) = World::limited(RateLimits::AWS);
    for _ in 0..3 {
        assert_eq!(ask(&world, KEY).await, "OK");
    }
    let answer = world.put_text("echo", "").await;
    let expected = (400, "ThrottlingException".to_owned(), "Rate exceeded".to_owned());
    assert_eq!(error(&answer), expected);
    assert_eq!(ask(&world, AGENT_KEY).await, "OK", "another caller");
    let other = world.handle(signed(json("Fixture_20260131.Nothing", "{}"))).await;
    assert_eq!(other.status(), 200, "another category");
    assert_eq!(world.runs(), 5);

    tokio::time::advance(Duration::from_millis(999)).await;
    assert_eq!(ask(&world, KEY).await, "ThrottlingException");
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(ask(&world, KEY).await, "OK");
    assert_eq!(ask(&world, KEY).await, "ThrottlingException");
    let told = lines(&world.metrics, "berth_throttled_requests_total{service=\"fixture\"");
    assert!(
        told.iter().any(|line| line.contains("Text actions") && line.ends_with(" 3")),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_region_is_no_way_to_another_bucket() {
    let (world, _lines) = World::limited(RateLimits::AWS);
    for number in 0..3 {
        let request = signed_by(KEY, &format!("us-east-{number}"), put_text("echo", ""));
        assert_eq!(world.handle(request).await.status(), 200);
    }
    assert_eq!(ask(&world, KEY).await, "ThrottlingException");
}

#[tokio::test(start_paused = true)]
async fn each_wire_says_it_in_its_own_way() {
    let (world, _lines) = World::limited(RateLimits::AWS);
    let query = || {
        let request = Request::post("http://localhost/")
            .header("content-type", "application/x-www-form-urlencoded")
            .body("Action=PutText&Version=2026-01-31&Name=echo".into());
        signed(request.unwrap())
    };
    for _ in 0..3 {
        assert_eq!(world.handle(query()).await.status(), 200);
    }
    let answer = world.handle(query()).await;
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    // The fixture's forms are EC2's.
    assert_eq!(answer.status(), 503);
    assert!(text.contains("<Code>RequestLimitExceeded</Code>"), "{text}");

    let who = signed(Request::get("http://localhost/fixture/who").body("".into()).unwrap());
    assert_eq!(error(&world.handle(who).await).1, "ThrottlingException");
    let opening = Request::get("http://localhost/fixture/ws?name=one").body("".into()).unwrap();
    let refused = world.endpoint.open_socket(&signed(opening), PEER).await.err().unwrap();
    let expected =
        SocketRefusal::new(http::StatusCode::BAD_REQUEST, "ThrottlingException", "Rate exceeded");
    assert_eq!((refused.status(), refused.body()), (expected.status, expected.render().body()));
    assert_eq!(world.runs(), 3, "nothing ran");
}

#[tokio::test(start_paused = true)]
async fn whoever_proves_nothing_pays_by_address() {
    let (world, _lines) = World::limited(RateLimits::AWS);
    let ask = async |address: &str| {
        let peer = Peer::plain(address.parse::<IpAddr>().unwrap());
        let request = json("Fixture_20260131.Nothing", "{}");
        world.endpoint.handle(request, peer).await.status().as_u16()
    };
    assert_eq!([ask("192.0.2.1").await, ask("192.0.2.1").await], [200, 200]);
    assert_eq!(ask("192.0.2.1").await, 400);
    assert_eq!(ask("192.0.2.2").await, 200);
}

/// How many bad logins of one address are told of at once.
const HEARD: usize = 1000;

#[tokio::test(start_paused = true)]
async fn a_flood_of_bad_logins_keeps_no_good_one_out() {
    let (world, mut told) = World::limited(RateLimits::GENEROUS);
    let (mut refused, mut throttled) = (0, 0);
    let flood = HEARD + 200;
    for number in 0..flood {
        // The same key, from the same address.
        match ask(&world, (KEY.0, "guess")).await.as_str() {
            "InvalidSignatureException" => refused += 1,
            "ThrottlingException" => throttled += 1,
            other => panic!("{other}"),
        }
        if number % 20 == 0 {
            assert_eq!(ask(&world, KEY).await, "OK", "after {number}");
            assert_eq!(ask(&world, AGENT_KEY).await, "OK", "after {number}");
        }
    }
    assert_eq!((refused, throttled), (HEARD, 200));
    let good = flood / 20 * 2;
    let mut written = 0;
    while told.try_recv().is_ok() {
        written += 1;
    }
    assert_eq!(written, HEARD + good, "the audit is not flooded");
    assert_eq!(world.runs(), good);

    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(ask(&world, (KEY.0, "guess")).await, "InvalidSignatureException");
}

#[tokio::test(start_paused = true)]
async fn neither_nonsense_nor_strangers_flood_the_audit() {
    let (world, told) = World::limited(RateLimits::GENEROUS);
    for _ in 0..HEARD {
        assert_eq!(ask(&world, ("AKIDNOBODY", "x")).await, "UnrecognizedClientException");
    }
    let refused = async |request| error(&world.handle(request).await).1;
    assert_eq!(refused(put_text("echo", "")).await, "ThrottlingException");
    assert_eq!(refused(json("Nobody.Knows", "{}")).await, "UnknownOperationException");
    let post = Request::post("http://localhost/health").body("".into()).unwrap();
    assert_eq!(world.handle(post).await.status(), 405);
    assert_eq!(told.len(), HEARD, "nothing more is told");
    assert_eq!(ask(&world, KEY).await, "OK");
    assert_eq!(told.len(), HEARD + 1);
}
