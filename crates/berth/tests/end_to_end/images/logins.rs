//! Private registries: the host's logins, and those that a task definition keeps in a secret.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use berth_test_registry::Access;
use berth_test_server::{Value, json};

use super::Site;
use crate::ecs::{merge, text};

const USER: &str = "robot";
const PASSWORD: &str = "right?>";

fn auth_file(registry: &str, password: &str) -> String {
    let login = json!({ "username": USER, "password": password });
    json!({ "auths": { registry: login } }).to_string()
}

#[test]
fn a_hosts_login_is_used_and_read_anew() {
    let Some(site) = Site::for_test() else { return };
    site.registry.push("private", "1", &site.image);
    let path = site.host.home.path().join("logins.json");
    let server = format!("127.0.0.1:{}", site.registry.port());
    let file = path.to_str().expect("test paths are UTF-8");
    fs::write(&path, auth_file(&server, "wrong")).expect("the home can be written to");
    let (up, ecs) = site.up(&["--registry-auth-file", file]);
    for access in [Access::basic(USER, PASSWORD), Access::token(USER, PASSWORD)] {
        site.registry.admit(access);
        fs::write(&path, auth_file(&server, "wrong")).expect("the home can be written to");
        let task = ecs.run_to_its_end(site.definition("private:1"));
        let reason = text(&task["containers"][0]["reason"]);
        assert!(reason.starts_with("CannotPullContainerError: "), "{reason}");

        fs::write(&path, auth_file(&server, PASSWORD)).expect("the home can be written to");
        let task = ecs.launch(site.definition("private:1"));
        let user = Some(USER.to_owned());
        assert!(site.registry.requests().iter().any(|request| request.user == user), "{task}");
        ecs.stop(&text(&task["taskArn"]));
        ecs.wait(&text(&task["taskArn"]), "STOPPED");
        let container = text(&task["containers"][0]["runtimeId"]);
        site.host.docker(&["rm", &container]);
        site.host.docker(&["rmi", &site.registry.name("private:1")]);
    }
    let log = up.log();
    assert!(!log.contains(PASSWORD) && !log.contains("wrong"), "{log}");
}

#[test]
fn repository_credentials_come_from_their_secret() {
    let Some(site) = Site::for_test() else { return };
    site.registry.push("private", "1", &site.image);
    site.registry.admit(Access::basic(USER, PASSWORD));
    let login = json!({ "username": USER, "password": PASSWORD }).to_string();
    let secrets = secrets_of_one("login", &login);
    let (up, ecs) = site.up(&["--secrets-endpoint", &format!("http://{secrets}")]);
    ecs.make_role("execution", &json!([]));
    let with = |secret: &str| {
        let arn = format!("arn:aws:secretsmanager:us-east-1:000000000000:secret:{secret}");
        let mut definition = site.definition("private:1");
        let container = &mut definition["containerDefinitions"][0];
        merge(container, json!({ "repositoryCredentials": { "credentialsParameter": arn } }));
        let role = json!({ "executionRoleArn": "arn:aws:iam::000000000000:role/execution" });
        merge(&mut definition, role);
        definition
    };
    let task = ecs.run_to_its_end(with("absent"));
    let reason = text(&task["stoppedReason"]);
    assert!(reason.starts_with("CannotPullContainerAuthError: asm fetching secret"), "{reason}");
    ecs.launch(with("login"));
    let log = up.log();
    assert!(!log.contains(PASSWORD), "{log}");
}

/// A Secrets Manager that knows the one secret whose ARN ends so.
fn secrets_of_one(name: &'static str, value: &str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it is bound");
    let value = value.to_owned();
    // Ends with the test's process.
    thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            while !is_whole(&request) {
                match connection.read(&mut piece) {
                    Ok(length) if length > 0 => request.extend_from_slice(&piece[..length]),
                    _ => break,
                }
            }
            let body = request.split(|byte| *byte == b'\n').next_back().unwrap_or_default();
            let asked: Value = serde_json::from_slice(body).unwrap_or_default();
            let (status, answer) = match asked["SecretId"].as_str() {
                Some(id) if id.ends_with(name) => ("200 OK", json!({ "SecretString": value })),
                _ => (
                    "400 Bad Request",
                    json!({ "__type": "ResourceNotFoundException", "Message": "no such secret" }),
                ),
            };
            let answer = answer.to_string();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.1\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n",
                answer.len()
            );
            // A client that is gone needs no answer.
            let _ = connection.write_all(head.as_bytes());
            let _ = connection.write_all(answer.as_bytes());
        }
    });
    address
}

/// Head and body: the client sends the body's length.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    length.and_then(|length| length.trim().parse().ok()).is_some_and(|length| body.len() >= length)
}
