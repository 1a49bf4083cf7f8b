//! Each path, tokens, and how far answers go; without a control plane and over real sockets of the loopback.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use berth_agent_protocol::hosts::{ROLE_PATH, RoleAnswer, SELF_PATH, SelfAnswer};
use berth_aws_protocol::sigv4::Credentials;
use berth_model::Timestamp;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::role::Held;
use super::*;
use crate::testing::http_server::answer;

const HOST: &str = "i-0123456789abcdef0";
/// 2026-01-02T03:04:05.678Z.
const NOW: Timestamp = Timestamp::from_millis(1_767_323_045_678);

fn role() -> RoleAnswer {
    RoleAnswer {
        role_arn: "arn:aws:iam::123456789012:role/racks/hosts".to_owned(),
        access_key_id: "ASIA1".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: "session".to_owned(),
        expires_in_ms: 3_600_000,
        renew_in_ms: 1_800_000,
    }
}

fn host() -> SelfAnswer {
    let tags = [("Name", "rack-7"), ("the rack", "7"), ("a/b", "c")];
    SelfAnswer {
        host_id: HOST.to_owned(),
        account_id: "123456789012".to_owned(),
        partition: "aws".to_owned(),
        role: "racks/hosts".to_owned(),
        tags: BTreeMap::from(tags.map(|(key, value)| (key.to_owned(), value.to_owned()))),
        registered_at: NOW.as_millis(),
    }
}

fn instance() -> Instance {
    Instance {
        id: HOST.to_owned(),
        instance_type: Some("r7.large".to_owned()),
        hostname: "rack-7.example".to_owned(),
        region: "eu-west-1".to_owned(),
        availability_zone: "eu-west-1b".to_owned(),
    }
}

fn service(options: InstanceMetadataOptions, role: Option<RoleAnswer>) -> Service {
    let held = role.map(|role| Held::new(role, Instant::now(), NOW));
    Service {
        options,
        instance: instance(),
        interface: Interface {
            ipv4: Some(Ipv4Addr::new(10, 0, 0, 7)),
            mac: Some("02:00:00:00:00:07".to_owned()),
        },
        tokens: Tokens::new().unwrap(),
        known: watch::Sender::new(Known::settled(host(), held)),
        ended: CancellationToken::new(),
    }
}

fn headers<const N: usize>(pairs: [(HeaderName, &str); N]) -> HeaderMap {
    pairs.into_iter().map(|(name, value)| (name, HeaderValue::from_str(value).unwrap())).collect()
}

impl Service {
    async fn new_token(&self, seconds: &str) -> Answer {
        self.answer(&Method::PUT, TOKEN_PATH, &headers([(TTL, seconds)])).await
    }

    /// Status and text, asked with a token.
    async fn get(&self, path: &str) -> (u16, String) {
        let token = self.new_token("60").await.body;
        let answer = self.answer(&Method::GET, path, &headers([(TOKEN, &token)])).await;
        (answer.status.as_u16(), answer.body)
    }

    #[track_caller]
    fn is_json(&self, (status, body): (u16, String)) -> Value {
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn every_path_tells_what_is_true_of_the_host() {
    let service = service(InstanceMetadataOptions::default(), Some(role()));
    for (path, text) in [
        ("/", "latest"),
        ("/latest/", "dynamic\nmeta-data"),
        (
            "/latest/meta-data/",
            "hostname\niam/\ninstance-id\ninstance-type\nlocal-hostname\nlocal-ipv4\nmac\nplacement/\nservices/\ntags/",
        ),
        ("/latest/meta-data/instance-id", HOST),
        ("/latest/meta-data/instance-type", "r7.large"),
        ("/latest/meta-data/hostname", "rack-7.example"),
        ("/latest/meta-data/local-hostname", "rack-7.example"),
        ("/latest/meta-data/local-ipv4", "10.0.0.7"),
        ("/latest/meta-data/mac", "02:00:00:00:00:07"),
        ("/latest/meta-data/placement", "availability-zone\nregion"),
        ("/latest/meta-data/placement/availability-zone", "eu-west-1b"),
        ("/latest/meta-data/placement/region", "eu-west-1"),
        ("/latest/meta-data/services/domain", "amazonaws.com"),
        ("/latest/meta-data/services/partition", "aws"),
        ("/latest/meta-data/tags/instance/", "Name"),
        ("/latest/meta-data/tags/instance/Name", "rack-7"),
        ("/latest/meta-data/iam", "info\nsecurity-credentials/"),
        ("/latest/meta-data/iam/security-credentials/", "hosts"),
        ("/latest/dynamic/", "instance-identity/"),
        ("/latest/dynamic/instance-identity/", "document"),
    ] {
        assert_eq!(service.get(path).await, (200, text.to_owned()), "{path}");
    }
    for missing in [
        "/1.0/meta-data/",
        "/latest/user-data",
        "/latest/meta-data/ami-id",
        "/latest/meta-data/placement/availability-zone-id",
        "/latest/meta-data/iam/security-credentials/other",
        "/latest/dynamic/instance-identity/signature",
        "/latest/dynamic/instance-identity/pkcs7",
    ] {
        let (status, body) = service.get(missing).await;
        assert_eq!(status, 404, "{missing}");
        assert!(body.contains("<h1>404 - Not Found</h1>"), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_role_s_credentials_are_there_until_they_end() {
    let service = service(InstanceMetadataOptions::default(), Some(role()));
    let path = "/latest/meta-data/iam/security-credentials/hosts";
    let found = service.is_json(service.get(path).await);
    assert_eq!(
        found,
        json!({
            "Code": "Success", "LastUpdated": "2026-01-02T03:04:05Z", "Type": "AWS-HMAC",
            "AccessKeyId": "ASIA1", "SecretAccessKey": "secret", "Token": "session",
            "Expiration": "2026-01-02T04:04:05Z",
        })
    );
    let info = service.is_json(service.get("/latest/meta-data/iam/info").await);
    assert_eq!(
        info["InstanceProfileArn"],
        "arn:aws:iam::123456789012:instance-profile/racks/hosts"
    );
    let document = service.is_json(service.get("/latest/dynamic/instance-identity/document").await);
    assert_eq!(
        (&document["accountId"], &document["instanceId"], &document["privateIp"]),
        (&json!("123456789012"), &json!(HOST), &json!("10.0.0.7"))
    );
    assert_eq!(document["pendingTime"], "2026-01-02T03:04:05Z");
    tokio::time::advance(Duration::from_secs(3600)).await;
    assert_eq!(service.get(path).await.0, 404);
    assert_eq!(service.get("/latest/meta-data/iam/info").await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_without_a_token_unless_that_is_allowed() {
    let path = "/latest/meta-data/instance-id";
    let required = service(InstanceMetadataOptions::default(), None);
    let optional = InstanceMetadataOptions {
        tokens: HttpTokens::Optional,
        ..InstanceMetadataOptions::default()
    };
    let optional = service(optional, None);
    let of_another = optional.new_token("60").await.body;
    for (with, status_of_required, status_of_optional) in [
        (headers([]), 401, 200),
        (headers([(TOKEN, "")]), 401, 401),
        (headers([(TOKEN, "nonsense")]), 401, 401),
        (headers([(TOKEN, &of_another)]), 401, 200),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let status = required.answer(&method, path, &with).await.status.as_u16();
            assert_eq!(status, status_of_required, "{with:?}");
            let status = optional.answer(&method, path, &with).await.status.as_u16();
            assert_eq!(status, status_of_optional, "{with:?}");
        }
    }
    let token = required.new_token("1").await.body;
    let with = headers([(TOKEN, &token)]);
    assert_eq!(required.answer(&Method::GET, path, &with).await.body, HOST);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(required.answer(&Method::GET, path, &with).await.status.as_u16(), 401);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_asked_for_with_put_and_by_nobody_who_forwards() {
    let service = service(InstanceMetadataOptions::default(), None);
    let put = async |with: HeaderMap| {
        service.answer(&Method::PUT, TOKEN_PATH, &with).await.status.as_u16()
    };
    assert_eq!(put(headers([(TTL, "21600")])).await, 200);
    for wrong in ["0", "21601", "", "an hour"] {
        assert_eq!(put(headers([(TTL, wrong)])).await, 400, "{wrong}");
    }
    assert_eq!(put(headers([])).await, 400);
    assert_eq!(put(headers([(TTL, "60"), (FORWARDED, "10.0.0.1")])).await, 403);
    for (method, path) in [
        (Method::GET, TOKEN_PATH),
        (Method::POST, TOKEN_PATH),
        (Method::PUT, "/latest/meta-data/"),
        (Method::DELETE, "/latest/meta-data/instance-id"),
    ] {
        let answer = service.answer(&method, path, &headers([])).await;
        assert_eq!(answer.status.as_u16(), 405, "{method} {path}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_goes_one_hop_less_than_one_that_comes_from_beside_the_host() {
    assert_eq!([1, 2, 3, 64].map(time_to_live), [1, 1, 2, 63]);
    for (hop_limit, is_told) in [(1, false), (2, true)] {
        let options = InstanceMetadataOptions { hop_limit, ..InstanceMetadataOptions::default() };
        let service = service(options, None);
        assert!(service.admits(true));
        assert_eq!(service.admits(false), is_told, "{hop_limit}");
    }
}

/// Everything that comes back for a request.
async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn over_a_socket_it_speaks_as_aws_does() {
    let options = InstanceMetadataOptions { hop_limit: 3, ..InstanceMetadataOptions::default() };
    let loopback = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
    let door = door::open(&HostNetwork::Own, loopback, time_to_live(3)).await.unwrap();
    let address = door.listener.local_addr().unwrap();
    assert_eq!(door.listener.ttl().unwrap(), 2);
    let (service, tracker) = (Arc::new(service(options, Some(role()))), TaskTracker::new());
    let serving = tokio::spawn(server::serve(service, door.listener, tracker));

    let end = "Host: x\r\nConnection: close\r\n\r\n";
    let put = format!(
        "PUT /latest/api/token HTTP/1.1\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n{end}"
    );
    let answer = exchange(address, &put).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("x-aws-ec2-metadata-token-ttl-seconds: 60\r\n"), "{answer}");
    assert!(answer.contains("server: EC2ws\r\n"), "{answer}");
    let (_, token) = answer.split_once("\r\n\r\n").unwrap();
    let ask = |method: &str| {
        format!(
            "{method} /latest/meta-data/instance-id HTTP/1.1\r\nX-aws-ec2-metadata-token: {token}\r\n{end}"
        )
    };
    assert!(exchange(address, &ask("GET")).await.ends_with(&format!("\r\n\r\n{HOST}")));
    let head = exchange(address, &ask("HEAD")).await;
    assert!(head.contains("content-length: 19\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    serving.abort();
    door.lent.give_back().await;
}

#[tokio::test]
async fn credentials_are_renewed_and_a_role_that_is_gone_gives_no_more() {
    let given = |key: &str| {
        let role = RoleAnswer { access_key_id: key.to_owned(), renew_in_ms: 0, ..role() };
        ("200 OK", ROLE_PATH, serde_json::to_string(&role).unwrap())
    };
    let described = || ("200 OK", SELF_PATH, serde_json::to_string(&host()).unwrap());
    let refusal = json!({"__type": "AccessDeniedException", "message": "There is no role."});
    let refused = ("400 Bad Request", ROLE_PATH, refusal.to_string());
    let script = [described(), given("ASIA1"), described(), given("ASIA2"), described(), refused];
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answering = tokio::spawn(async move {
        for (status, path, body) in script {
            let listener = TcpListener::from_std(listener.try_clone().unwrap()).unwrap();
            let head = format!("{status}\r\nconnection: close");
            let asked = answer(listener, &head, &body).await;
            assert_eq!(asked.uri().path(), path);
            assert!(asked.headers().contains_key("authorization"));
        }
    });
    let key = Credentials::new("ASIAHOST", "secret");
    let control_plane = HttpControlPlane::new(&address, "us-east-1", key).unwrap();
    let state = watch::Sender::new(Known::default());
    let mut seen = state.subscribe();
    let keeping = tokio::spawn(role::keep(control_plane, state));
    for key in ["ASIA1", "ASIA2"] {
        let is_held =
            |known: &Known| known.held().is_some_and(|held| held.given.access_key_id == key);
        seen.wait_for(is_held).await.unwrap();
    }
    let known = seen.wait_for(Known::is_refused).await.unwrap().clone();
    answering.await.unwrap();
    assert_eq!(known.described, Some(host()));
    assert!(known.held().is_some(), "what was given serves to its end");
    keeping.abort();
}
