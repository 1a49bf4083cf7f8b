use berth_proxy_protocol::{ForwardedFor, Pattern, Redirect, Rewrite, Transform};
use http::Request;

use crate::client::{Client, get};
use crate::target::Target;
use crate::world::{World, fixed, forward, group, host, path, rule, weighted};

#[tokio::test]
async fn a_request_goes_to_the_group_of_its_rule_and_others_to_the_default() {
    let (web, api) = (Target::echo("web").await, Target::echo("api").await);
    let groups = vec![group("web", &[web.address]), group("api", &[api.address])];
    let mut world = World::new(vec![forward("web")], groups);
    world.listener().rules = vec![
        rule(1, vec![path("/api/*")], forward("api")),
        rule(2, vec![host("status.example")], fixed(418, "short and stout")),
    ];
    world.apply();
    let mut client = Client::connect(world.address()).await;
    assert_eq!(client.get("/").await.target(), "web");
    assert_eq!(client.get("/api/users").await.target(), "api");
    let fixed = client.send(Request::get("/x").header("host", "status.example:81")).await;
    assert_eq!((fixed.status.as_u16(), &*fixed.body), (418, "short and stout"));
    assert_eq!(fixed.header("server"), "awselb/2.0");
    assert_eq!(fixed.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(client.get("/api").await.target(), "web");
}

#[tokio::test]
async fn targets_learn_who_asks_and_nothing_of_the_connection() {
    let target = Target::echo("one").await;
    let world = World::forwarding_to(&[target.address]);
    let port = world.address().port();
    let request = Request::post("/a?b=c")
        .header("host", "test.example")
        .header("x-forwarded-for", "192.0.2.1")
        .header("x-forwarded-proto", "gopher")
        .header("connection", "x-hop")
        .header("x-hop", "1")
        .header("x-amzn-trace-id", "Root=1-2-3");
    let answer = Client::connect(world.address()).await.send_body(request, "hello").await;
    let mut lines: Vec<&str> = answer.body.lines().collect();
    let trace = lines.iter().position(|line| line.starts_with("x-amzn-trace-id: ")).expect("one");
    let trace = lines.remove(trace);
    assert!(trace.starts_with("x-amzn-trace-id: Self=1-") && trace.ends_with(";Root=1-2-3"));
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "",
            "POST /a?b=c h1",
            "content-length: 5",
            "hello",
            "host: test.example",
            "x-forwarded-for: 192.0.2.1, 127.0.0.1",
            &format!("x-forwarded-port: {port}"),
            "x-forwarded-proto: http",
        ]
    );
}

#[tokio::test]
async fn what_is_forwarded_of_addresses_and_hosts_is_configured() {
    let target = Target::echo("one").await;
    let mut world = World::forwarding_to(&[target.address]);
    let attributes = &mut world.balancer().attributes;
    attributes.forwarded_for = ForwardedFor::Remove;
    attributes.preserve_host = false;
    world.apply();
    let answer = get(world.address(), "/").await;
    assert!(!answer.body.contains("x-forwarded-for"));
    let host = format!("host: test.example:{}\n", world.address().port());
    assert!(answer.body.contains(&host), "{}", answer.body);
}

#[tokio::test]
async fn a_client_is_sent_elsewhere() {
    let mut world = World::new(vec![fixed(404, "")], Vec::new());
    let redirect = Redirect {
        protocol: "HTTPS".into(),
        host: "#{host}".into(),
        port: "443".into(),
        path: "/v2/#{path}".into(),
        query: "#{query}".into(),
        status: 301,
    };
    world.listener().rules =
        vec![rule(1, vec![path("/old/*")], berth_proxy_protocol::Action::Redirect(redirect))];
    world.apply();
    let answer = get(world.address(), "/old/a?b=c").await;
    assert_eq!(answer.status.as_u16(), 301);
    assert_eq!(answer.header("location"), "https://test.example:443/v2/old/a?b=c");
    assert_eq!(world.metric("HTTP_Redirect_Count"), 1);
    assert_eq!(world.metric("HTTPCode_ELB_3XX_Count"), 1);
}

#[tokio::test]
async fn urls_are_rewritten_for_targets() {
    let target = Target::echo("one").await;
    let mut world = World::new(vec![fixed(404, "")], vec![group("group", &[target.address])]);
    let mut rule = rule(1, vec![path("/api/*")], forward("group"));
    let rewrite = |matches: &str, replace: &str| {
        vec![Rewrite { matches: Pattern::Regex(matches.into()), replace: replace.into() }]
    };
    rule.transforms = vec![
        Transform::UrlRewrite { rewrites: rewrite("^/api/(.*)$", "/$1") },
        Transform::HostHeaderRewrite { rewrites: rewrite("^test", "inner") },
    ];
    world.listener().rules = vec![rule];
    world.apply();
    let answer = get(world.address(), "/api/users?x=1").await;
    assert!(answer.body.starts_with("GET /users?x=1 h1\n"), "{}", answer.body);
    assert!(answer.body.contains("host: inner.example\n"), "{}", answer.body);
}

#[tokio::test]
async fn weights_share_requests_out() {
    let (blue, green) = (Target::echo("blue").await, Target::echo("green").await);
    let groups = vec![group("blue", &[blue.address]), group("green", &[green.address])];
    let mut world = World::new(vec![weighted(&[("blue", 1), ("green", 0)], None)], groups);
    world.apply();
    let mut client = Client::connect(world.address()).await;
    for _ in 0..20 {
        assert_eq!(client.get("/").await.target(), "blue");
    }
    world.listener().default_actions = vec![weighted(&[("blue", 500), ("green", 500)], None)];
    world.apply();
    let mut greens = 0;
    for _ in 0..200 {
        greens += usize::from(client.get("/").await.target() == "green");
    }
    // One in ten billion times chance is further off.
    assert!((55..145).contains(&greens), "{greens} of 200");
    world.listener().default_actions = vec![weighted(&[("blue", 0), ("green", 0)], None)];
    world.apply();
    assert_eq!(client.get("/").await.status.as_u16(), 503);
}
