//! What is answered when the request is right.

use berth_aws_api::fixture as api;
use http::{Method, Request};

use super::world::*;
use crate::pipeline::access::AccessTable;
use crate::pipeline::throttle::Category;
use crate::pipeline::{EndpointBuilder, EndpointOptions, RegistryError, Service, ServiceBuilder};

#[tokio::test]
async fn an_operation_is_answered_with_a_request_id() {
    let world = World::enforcing();
    let response = world.put_text("echo", "hello").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.0");
    assert_eq!(body(&response)["Text"], "hello");
    let id = response.headers()["x-amzn-requestid"].to_str().unwrap();
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'4'));
    let other = world.put_text("echo", "hello").await;
    assert_ne!(other.headers()["x-amzn-requestid"], id);
}

#[tokio::test]
async fn a_call_knows_who_where_and_from() {
    let world = World::enforcing();
    let response = world.put_text("who", "").await;
    assert_eq!(body(&response)["Text"], "administrator/AKIDADMIN in eu-west-1 from 127.0.0.1");
    let agents = signed_by(AGENT_KEY, "us-east-1", put_text("who", ""));
    let response = world.handle(agents).await;
    assert_eq!(body(&response)["Text"], "agent:host-1/AKIDAGENT in us-east-1 from 127.0.0.1");
}

#[tokio::test]
async fn a_call_knows_which_host_it_was_addressed_to() {
    let world = World::open();
    let called = async |uri: &str, host: Option<&str>| {
        let mut request = put_text("where", "");
        *request.uri_mut() = uri.parse().unwrap();
        request.headers_mut().remove("host");
        if let Some(host) = host {
            request.headers_mut().insert("host", host.parse().unwrap());
        }
        body(&world.handle(request).await)["Text"].as_str().unwrap().to_owned()
    };
    assert_eq!(called("/", Some("10.0.0.1:4566")).await, "10.0.0.1:4566");
    assert_eq!(called("http://berth.example/", None).await, "berth.example", "as HTTP/2 has it");
    assert_eq!(called("/", Some("user@10.0.0.1")).await, "nowhere");
    assert_eq!(called("/", None).await, "nowhere");
}

#[tokio::test]
async fn one_operation_is_served_on_every_wire_of_its_service() {
    let world = World::open();
    let query = Request::post("http://localhost/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("Action=PutText&Version=2026-01-31&Name=echo&Text=hello".into())
        .unwrap();
    let response = world.handle(query).await;
    let text = std::str::from_utf8(response.body()).unwrap();
    assert!(text.contains("<Text>hello</Text>") && text.contains("<requestId>"), "{text}");

    let cbor = Request::post("http://localhost/service/Fixture/operation/PutText")
        .header("smithy-protocol", "rpc-v2-cbor")
        .header("content-type", "application/cbor")
        // {"Name": "echo", "Text": "hello"}
        .body(b"\xa2\x64Name\x64echo\x64Text\x65hello"[..].to_vec().into())
        .unwrap();
    let response = world.handle(cbor).await;
    assert_eq!(response.status(), 200);
    assert!(response.body().windows(5).any(|part| part == b"hello"));

    let rest = Request::put("http://localhost/texts/echo").body("hello".into()).unwrap();
    let response = world.handle(rest).await;
    assert_eq!((response.status().as_u16(), &response.body()[..]), (200, &b"hello"[..]));
}

#[tokio::test]
async fn the_services_own_error_is_its_own() {
    let world = World::enforcing();
    let response = world.put_text("missing", "").await;
    // JSON services answer 400 unless the model says otherwise, and this one does.
    assert_eq!(error(&response).1, "ThingNotFoundException");
    assert_eq!(error(&response).2, "There is no such thing.");
}

#[tokio::test]
async fn plain_routes_need_no_signature() {
    let world = World::enforcing();
    let get = |path: &str| Request::get(format!("http://localhost{path}")).body("".into()).unwrap();
    let response = world.handle(get("/health")).await;
    assert_eq!((response.status().as_u16(), body(&response)["status"].as_str()), (200, Some("ok")));
    assert!(response.headers().contains_key("x-amzn-requestid"));
    let response = world.handle(get("/metrics")).await;
    assert_eq!(response.status(), 200);
    assert!(String::from_utf8_lossy(response.body()).contains("berth_requests_in_flight 0"));

    for (path, is_served) in [
        ("/fixture/folder/", true),
        ("/fixture/folder/one", true),
        ("/fixture/folder/one/more", false),
        ("/fixture/folder", false),
        ("/fixture/", false),
    ] {
        let response = world.handle(get(path)).await;
        assert_eq!(response.status() == 200, is_served, "{path}");
    }

    let mut post = get("/health");
    *post.method_mut() = Method::POST;
    let response = world.handle(post).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["allow"]),
        (405, &"GET".parse().unwrap())
    );
    assert_eq!(world.runs(), 0);
}

#[tokio::test]
async fn an_endpoint_lists_what_it_serves() {
    let world = World::enforcing();
    let mut names: Vec<_> = world.endpoint.operations().map(|operation| operation.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["Nothing", "PutText"]);
}

#[tokio::test]
async fn wiring_mistakes_are_found_at_start() {
    let world = World::open();
    let built = |service: Service| {
        EndpointBuilder::new(EndpointOptions {
            env: crate::env::Env::seeded(1, NOW),
            account: "123456789012".parse().unwrap(),
            default_region: "home".parse().unwrap(),
            authenticator: std::sync::Arc::new(crate::pipeline::authenticate::OpenAuthenticator),
            authorizer: std::sync::Arc::new(crate::pipeline::AllowAll),
            metrics: world.metrics.clone(),
        })
        .service(service)
        .route(Method::GET, "/health", world.health.clone())
        .build()
        .map(drop)
        .unwrap_err()
    };
    let serving =
        |access| ServiceBuilder::new(std::sync::Arc::clone(&world.fixture), access).rates(RATES);
    let table = || AccessTable::new("fixture");
    let fixture = || serving(table());
    let nothing = |_, _, _| async { Ok(berth_aws_api::Unit::default()) };
    let twice = serving(table().operation::<api::ops::Nothing>(|_, _| {}))
        .operation::<api::ops::Nothing, _, _>(nothing)
        .operation::<api::ops::Nothing, _, _>(nothing);
    let expected = RegistryError::OperationTwice { service: "fixture", operation: "Nothing" };
    assert_eq!(built(twice.into()), expected);
    let same_path = fixture().route(Method::GET, "/health", world.health.clone());
    assert_eq!(built(same_path.into()), RegistryError::PathTwice("/health"));
    let socket_alone = fixture().websocket("/ws", |_, _, _| async {
        Err(super::super::websocket::SocketRefusal::new(http::StatusCode::GONE, "Gone", "gone"))
    });
    assert_eq!(built(socket_alone.into()), RegistryError::PathWithoutService("/ws"));
    let rated = |rates| {
        let service = fixture().rates(rates).operation::<api::ops::Nothing, _, _>(nothing);
        built(service.into())
    };
    static BOTH: &[Category] = &[
        Category::new("These", (1, 1), &["Nothing"]),
        Category::new("Those", (1, 1), &["Nothing"]),
    ];
    assert_eq!(rated(&[]), RegistryError::NoRate { service: "fixture", name: "Nothing" });
    assert_eq!(rated(BOTH), RegistryError::RateTwice("Nothing"));
}
