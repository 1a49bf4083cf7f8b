//! The host's side of joining and renewing, over real sockets, against a server that does as it is told.

use std::collections::VecDeque;
use std::os::unix::fs::PermissionsExt;

use berth_agent_protocol::hosts::HostType;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::*;
use crate::CredentialProvider;

const HOST: &str = "i-0123456789abcdef0";

/// Gives these answers, in this order and the last one for ever, and shows what it was asked.
struct Server {
    calls: HostCalls,
    asked: mpsc::UnboundedReceiver<Value>,
}

impl Server {
    async fn answering(answers: Vec<(u16, Value)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let calls = HostCalls::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let (tell, asked) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut answers = VecDeque::from(answers);
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (status, body) = answers[0].clone();
                if answers.len() > 1 {
                    answers.pop_front();
                }
                let asked = exchange(stream, status, &body.to_string()).await;
                if tell.send(asked).is_err() {
                    return;
                }
            }
        });
        Self { calls, asked }
    }

    async fn asked(&mut self) -> Value {
        self.asked.recv().await.unwrap()
    }
}

async fn exchange(mut stream: TcpStream, status: u16, answer: &str) -> Value {
    let mut read = Vec::new();
    let body = loop {
        stream.read_buf(&mut read).await.unwrap();
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok()
        });
        if body.len() == length.unwrap() {
            break serde_json::from_str(body).unwrap();
        }
    };
    let length = answer.len();
    let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{answer}");
    stream.write_all(answer.as_bytes()).await.unwrap();
    body
}

fn joined() -> (u16, Value) {
    (200, json!({"hostId": HOST}))
}

fn refused(status: u16, code: &str) -> (u16, Value) {
    (status, json!({"code": code, "message": "In words."}))
}

/// Credentials that are to be renewed at once, or not before the test is over.
fn credentials(id: &str, renew_in_ms: u64) -> (u16, Value) {
    let body = json!({
        "accessKeyId": id, "secretAccessKey": "secret", "sessionToken": "token",
        "expiresInMs": 3_600_000, "renewInMs": renew_in_ms,
    });
    (200, body)
}

fn grant() -> JoinGrant {
    "0a0b.code".parse().unwrap()
}

struct Host {
    _folder: TempDir,
    file: IdentityFile,
}

impl Host {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = IdentityFile::new(folder.path().join("identity.json"));
        Self { _folder: folder, file }
    }

    async fn join(&self, server: &Server) -> anyhow::Result<HostIdentity> {
        let unjoined = self.file.load().await?.err().expect("it has not joined");
        HostIdentity::join(&self.file, unjoined, &server.calls, &grant(), None).await
    }
}

#[tokio::test]
async fn a_host_joins_once_and_stays_who_it_is() {
    let (host, mut server) = (Host::new(), Server::answering(vec![joined()]).await);
    let identity = host.join(&server).await.unwrap();
    assert_eq!(identity.host_id(), HOST);
    let asked = server.asked().await;
    assert_eq!(
        (&asked["activationId"], &asked["activationCode"]),
        (&json!("0a0b"), &json!("code"))
    );
    assert_eq!(asked["hostType"], "EC2");

    let mode = std::fs::metadata(host.file.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(host.file.path()).unwrap();
    assert!(!text.contains("code"), "what is spent is not kept: {text}");
    let again = host.file.load().await.unwrap().ok().expect("it has joined");
    assert_eq!(again.host_id(), HOST);
    assert!(again.joined_by(&grant()) && !again.joined_by(&"other.code".parse().unwrap()));
}

#[tokio::test]
async fn a_host_that_heard_no_answer_asks_again_with_the_same_key() {
    let answers = vec![refused(503, "Unavailable"), (502, json!("a proxy's page")), joined()];
    let (host, mut server) = (Host::new(), Server::answering(answers).await);
    host.join(&server).await.unwrap();
    let first = server.asked().await;
    assert_eq!(server.asked().await, first);
    assert_eq!(server.asked().await, first);

    let refusal = Server::answering(vec![refused(403, "InvalidActivation")]).await;
    let host = Host::new();
    let error = host.join(&refusal).await.err().expect("it is refused");
    assert_eq!(error.downcast::<JoinError>().unwrap(), JoinError("In words.".to_owned()));
    let key = std::fs::read_to_string(host.file.path()).unwrap();
    let mut server = Server::answering(vec![joined()]).await;
    host.join(&server).await.unwrap();
    let shown = server.asked().await["publicKey"].clone();
    let kept: Value = serde_json::from_str(&key).unwrap();
    assert!(kept.get("joined").is_none() && shown.is_string());
}

#[tokio::test]
async fn credentials_are_renewed_and_asked_for_by_ever_later_requests() {
    let host = Host::new();
    let identity = host.join(&Server::answering(vec![joined()]).await).await.unwrap();
    let answers = vec![
        credentials("ONE", 0),
        refused(503, "Unavailable"),
        credentials("TWO", 0),
        credentials("THREE", 3_600_000),
    ];
    let mut server = Server::answering(answers).await;
    let rotating = RotatingCredentials::start(identity, server.calls.clone());
    let mut last = 0;
    for _ in 0..4 {
        let asked = server.asked().await;
        assert_eq!(asked["hostId"], HOST);
        let asked_at = asked["askedAt"].as_i64().unwrap();
        assert!(asked_at > last);
        last = asked_at;
    }
    // The last answer is under way.
    let mut standing = rotating.state.standing.subscribe();
    let is_last = |standing: &rotation::Standing| standing.is_held_as("THREE");
    standing.wait_for(is_last).await.unwrap();
    let held = rotating.credentials().await.unwrap();
    assert_eq!(
        (held.access_key_id.as_str(), held.session_token.as_deref()),
        ("THREE", Some("token"))
    );

    rotating.doubt();
    assert!(server.asked().await["askedAt"].as_i64().unwrap() > last, "doubt asks at once");
}

#[tokio::test]
async fn a_host_that_is_not_known_any_more_is_told_so() {
    let host = Host::new();
    let identity = host.join(&Server::answering(vec![joined()]).await).await.unwrap();
    let server = Server::answering(vec![refused(404, "UnknownHost")]).await;
    let rotating = RotatingCredentials::start(identity, server.calls.clone());
    assert_eq!(rotating.unknown().await, "In words.");
    let error = rotating.credentials().await.expect_err("there are none").to_string();
    assert_eq!(error, "In words.");
}

#[tokio::test]
async fn a_damaged_file_is_no_new_host() {
    let host = Host::new();
    for text in ["", "{", r#"{"privateKey": "AAAA"}"#, r#"{"privateKey": "?"}"#] {
        std::fs::write(host.file.path(), text).unwrap();
        let error = host.file.load().await.err().expect(text).to_string();
        assert!(error.contains("join again with a new token"), "{error}");
    }
}

#[test]
fn a_token_is_an_id_and_a_code() {
    let grant: JoinGrant = " 12-34.abc\n".parse().unwrap();
    assert_eq!((grant.activation_id.as_str(), grant.activation_code.as_str()), ("12-34", "abc"));
    assert_eq!((grant.host_type, grant.token().as_str()), (HostType::Ec2, "12-34.abc"));
    assert_eq!(JoinGrant::external("a", "b").host_type, HostType::External);
    assert!(!format!("{grant:?}").contains("abc"));
    for text in ["", "a", ".", "a.", ".b", "a b.c", "a.b.c", "é.b"] {
        assert_eq!(text.parse::<JoinGrant>(), Err(NoToken), "{text}");
    }
}
