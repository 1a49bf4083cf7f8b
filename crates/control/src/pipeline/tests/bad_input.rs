//! Whatever a client sends, it gets AWS's code, a message that says what and where, and the next request works.

use http::Request;

use super::world::*;

/// The error, after showing that nothing ran and that the endpoint still works.
async fn refused(world: &World, request: Request<bytes::Bytes>) -> (u16, String, String) {
    let response = world.handle(request).await;
    assert!(response.headers().contains_key("x-amzn-requestid"));
    assert_eq!(world.runs(), 0, "nothing ran");
    error(&response)
}

#[tokio::test]
async fn a_body_that_is_not_the_input_says_where_it_goes_wrong() {
    for (body, place) in [
        ("this is not JSON", "byte 0"),
        ("{\"Name\": \"echo\"", "byte"),
        ("{\"Name\": 7}", "Name"),
        ("{\"Name\": [\"echo\"]}", "Name"),
        ("[]", "byte 0"),
        ("{\"Name\": \"\u{0}\"}", "Name"),
    ] {
        let world = World::enforcing();
        let request = signed(json("Fixture_20260131.PutText", body.to_owned()));
        let (status, code, message) = refused(&world, request).await;
        assert_eq!((status, code.as_str()), (400, "SerializationException"), "{body}");
        assert!(message.contains(place), "{body}: {message}");
        assert_eq!(world.put_text("echo", "still here").await.status(), 200);
    }
}

#[tokio::test]
async fn what_breaks_the_model_is_the_services_own_validation_error() {
    let world = World::enforcing();
    let (status, code, message) =
        refused(&world, signed(put_text("name that is much too long", ""))).await;
    assert_eq!((status, code.as_str()), (400, "ValidationException"));
    assert!(message.contains("'name'") && message.contains("16"), "{message}");
    let (_, code, message) = refused(&world, signed(json("Fixture_20260131.PutText", "{}"))).await;
    assert_eq!(code, "ValidationException");
    assert!(message.contains("must not be null"), "{message}");
}

#[tokio::test]
async fn nobody_serves_what_nobody_knows() {
    let world = World::enforcing();
    for (target, named) in [
        ("Fixture_20260131.Dance", "Dance"),
        ("Nobody_20200101.Dance", "Nobody_20200101.Dance"),
        ("Fixture_20260131.", ""),
        ("..", ""),
        ("", ""),
    ] {
        let (status, code, message) = refused(&world, signed(json(target, "{}"))).await;
        assert_eq!((status, code.as_str()), (400, "UnknownOperationException"), "{target}");
        assert!(message.contains(named), "{target}: {message}");
    }
}

#[tokio::test]
async fn a_request_without_a_target_is_told_so() {
    let world = World::enforcing();
    let mut request = signed(put_text("echo", ""));
    request.headers_mut().remove("x-amz-target");
    let (status, code, message) = refused(&world, request).await;
    assert_eq!((status, code.as_str()), (400, "UnknownOperationException"));
    assert!(message.contains("X-Amz-Target"), "{message}");
}

#[tokio::test]
async fn an_operation_of_the_model_that_is_not_served_is_refused_by_name() {
    let world = World::enforcing();
    let request = signed(json("Fixture_20260131.Everything", "{}"));
    let (status, code, message) = refused(&world, request).await;
    assert_eq!((status, code.as_str()), (400, "UnsupportedOperationException"));
    assert!(message.contains("fixture:Everything"), "{message}");
}

#[tokio::test]
async fn a_path_that_climbs_reaches_nothing() {
    let world = World::enforcing();
    for path in [
        "/../../etc/passwd",
        "/texts/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/health/../secret",
        "//health",
    ] {
        let request = Request::get(format!("http://localhost{path}")).body("".into()).unwrap();
        let response = world.handle(request).await;
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(world.runs(), 0);
    }
}

#[tokio::test]
async fn an_unknown_content_type_names_no_operation() {
    let world = World::open();
    let request = Request::post("http://localhost/")
        .header("content-type", "text/html")
        .body("<html>".into())
        .unwrap();
    let response = world.handle(request).await;
    assert_eq!(response.status(), 404);
    assert_eq!(world.runs(), 0);
}

#[tokio::test]
async fn a_panic_is_our_fault_and_nobody_elses() {
    let world = World::enforcing();
    let response = world.put_text("panic", "").await;
    let (status, code, message) = error(&response);
    assert_eq!((status, code.as_str()), (500, "InternalFailure"));
    assert!(!message.contains("fixture"), "the client learns nothing of the inside: {message}");
    assert_eq!(
        lines(&world.metrics, "berth_request_panics_total{"),
        ["berth_request_panics_total{service=\"fixture\",operation=\"PutText\"} 1"]
    );
    assert_eq!(world.put_text("echo", "still here").await.status(), 200);
}

#[tokio::test]
async fn a_cause_is_not_for_the_client() {
    let world = World::enforcing();
    let response = world.put_text("broken", "").await;
    assert_eq!(response.status(), 500);
    assert!(!String::from_utf8_lossy(response.body()).contains("fire"));
}

#[tokio::test]
async fn an_error_before_anything_is_known_is_rendered_on_the_clients_wire() {
    let world = World::open();
    let query = Request::post("http://localhost/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("Action=Dance&Version=2026-01-31".into())
        .unwrap();
    let response = world.handle(query).await;
    let text = String::from_utf8_lossy(response.body()).into_owned();
    assert_eq!(response.status(), 400);
    assert!(text.contains("<Code>InvalidAction</Code>") && text.contains("Dance"), "{text}");
}
