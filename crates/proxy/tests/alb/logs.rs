//! What logs say, field by field.

use std::fs;
use std::path::{Path, PathBuf};

use berth_proxy_protocol::{ClientAuthentication, ListenerProtocol, Redirect, TrustStore};
use http::Request;

use crate::authority::{Authority, secured};
use crate::client::{Client, get, say};
use crate::target::Target;
use crate::world::{World, forward, group, path, rule};

const ARN: &str = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/test/1";

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The lines of all files whose names begin so, split as those who read such logs do.
pub fn lines(folder: &Path, prefix: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for file in files(folder) {
        let name = file.file_name().and_then(|name| name.to_str()).expect("text");
        if name.starts_with(prefix) && name.ends_with(".log") {
            let text = fs::read_to_string(&file).expect("a log");
            all.extend(text.lines().map(fields));
        }
    }
    all
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    for character in line.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => fields.push(String::new()),
            other => fields.last_mut().expect("one at least").push(other),
        }
    }
    fields
}

#[tokio::test]
async fn each_request_is_a_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Target::echo("one").await;
    let (actions, groups) = (vec![forward("group")], vec![group("group", &[target.address])]);
    let mut world = World::logging_to(Some(folder.path().to_owned()), actions, groups);
    world.balancer().arn = ARN.to_owned();
    world.balancer().attributes.access_logs = true;
    let redirect = Redirect {
        protocol: "HTTPS".into(),
        host: "#{host}".into(),
        port: "443".into(),
        path: "/#{path}".into(),
        query: "#{query}".into(),
        status: 302,
    };
    world.listener().rules =
        vec![rule(7, vec![path("/go")], berth_proxy_protocol::Action::Redirect(redirect))];
    world.apply();
    let port = world.address().port();
    let mut client = Client::connect(world.address()).await;
    let request = Request::post("/a?b").header("user-agent", "the \"agent\"");
    let answer = client.send_body(request, "12345").await;
    assert_eq!(client.get("/go").await.status.as_u16(), 302);
    drop(client);
    say(world.address(), "GET / nonsense\r\n\r\n").await;
    world.proxy.close().await;

    let lines = lines(folder.path(), "111122223333_elasticloadbalancing_us-east-1_app.test.1_");
    let [forwarded, redirected, refused] = &lines[..] else { panic!("three lines: {lines:?}") };
    assert!(lines.iter().all(|line| line.len() == 33), "{lines:?}");
    let trace = answer.body.lines().find_map(|line| line.strip_prefix("x-amzn-trace-id: "));
    let place = target.address.to_string();
    for (field, expected) in [
        (0, "http"),
        (2, "app/test/1"),
        (4, &*place),
        (7, "0.000"),
        (8, "200"),
        (9, "200"),
        (12, &*format!("POST http://test.example:{port}/a?b HTTP/1.1")),
        (13, r"the \x22agent\x22"),
        (14, "-"),
        (16, "group"),
        (17, trace.expect("there is one")),
        (20, "0"),
        (22, "forward"),
        (25, &*place),
        (26, "200"),
        (27, "-"),
    ] {
        assert_eq!(forwarded[field], expected, "field {field} of {forwarded:?}");
    }
    assert!(forwarded[10].parse::<u64>().is_ok_and(|bytes| bytes > 60), "{forwarded:?}");
    assert!(forwarded[11].parse::<u64>().is_ok_and(|bytes| bytes > answer.body.len() as u64));
    for (field, expected) in [
        (4, "-"),
        (5, "-1"),
        (6, "-1"),
        (7, "-1"),
        (8, "302"),
        (9, "-"),
        (20, "7"),
        (22, "redirect"),
        (23, "https://test.example:443/go"),
    ] {
        assert_eq!(redirected[field], expected, "field {field} of {redirected:?}");
    }
    assert_eq!(redirected[29], forwarded[29], "both came by one connection");
    for (field, expected) in
        [(8, "400"), (12, "GET / nonsense"), (20, "-1"), (27, "Severe"), (28, "BadVersion")]
    {
        assert_eq!(refused[field], expected, "field {field} of {refused:?}");
    }
    assert!(files(folder.path()).iter().all(|file| !file.ends_with(".part")));
}

#[tokio::test]
async fn each_connection_is_a_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let (authority, clients) = (Authority::new("root"), Authority::new("clients"));
    let target = Target::echo("one").await;
    let (actions, groups) = (vec![forward("group")], vec![group("group", &[target.address])]);
    let mut world = World::logging_to(Some(folder.path().to_owned()), actions, groups);
    world.balancer().arn = ARN.to_owned();
    world.balancer().attributes.connection_logs = true;
    world.balancer().attributes.access_logs = true;
    world.configuration.certificates = vec![authority.certificate("shown", &["test.example"])];
    world.configuration.trust_stores = vec![TrustStore {
        arn: "store".into(),
        authorities: clients.pem.clone(),
        revocations: Vec::new(),
    }];
    let listener = world.listener();
    listener.protocol = ListenerProtocol::Https;
    listener.certificates = vec!["shown".into()];
    listener.client_authentication =
        ClientAuthentication::Verify { trust_store: "store".into(), accept_expired: false };
    world.apply();
    let ann = clients.client("ann", 7);
    let config = authority.trusting(&["h2"], Some(&ann));
    let stream = secured(config, world.address(), "test.example").await.expect("she is known");
    assert_eq!(Client::http2(stream).await.get("/").await.target(), "one");
    let stranger = authority.client("eve", 8);
    let config = authority.trusting(&["http/1.1"], Some(&stranger));
    if let Ok(stream) = secured(config, world.address(), "test.example").await {
        let mut client = Client::over(stream).await.expect("nothing is known yet");
        assert!(client.try_get("/").await.is_err());
    }
    while world.metric("ClientTLSNegotiationErrorCount") == 0 {
        tokio::task::yield_now().await;
    }
    world.proxy.close().await;

    let connections = lines(folder.path(), "conn_log.111122223333_");
    let [known, refused] = &connections[..] else { panic!("two lines: {connections:?}") };
    for (field, expected) in [
        (1, "127.0.0.1"),
        (4, "TLSv1.3"),
        (5, "TLS_AES_256_GCM_SHA384"),
        (7, "CN=ann"),
        (9, "07"),
        (10, "Success"),
        (12, "X25519"),
    ] {
        assert_eq!(known[field], expected, "field {field} of {known:?}");
    }
    assert!(known[8].starts_with("NotBefore=1975-"), "{known:?}");
    assert_eq!((&*refused[4], &*refused[10]), ("-", "Failed:ClientCertUntrusted"));

    let requests = lines(folder.path(), "111122223333_");
    assert_eq!(requests[0][0], "h2");
    assert_eq!(requests[0][18..20], ["test.example", "shown"]);
    assert_eq!(requests[0][29], known[11], "it came by that connection");
    assert_ne!(known[11], refused[11]);
}

#[tokio::test]
async fn without_a_wish_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Target::echo("one").await;
    let (actions, groups) = (vec![forward("group")], vec![group("group", &[target.address])]);
    let world = World::logging_to(Some(folder.path().to_owned()), actions, groups);
    world.apply();
    get(world.address(), "/").await;
    world.proxy.close().await;
    assert!(files(folder.path()).is_empty());
}
