//! Files of variables from a store of objects that wants to see a signature.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use berth_aws_protocol::sigv4::{CredentialScope, KeyRefusal, SigningKey, verify};
use berth_test_server::json;
use bytes::Bytes;

use super::{container, definition, of_name};
use crate::ecs::Ecs;
use crate::host::Host;

/// Holds one object, for whoever signs with its key.
fn store() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // Whoever goes away in between has no answer.
            let _ = serve(&connection);
        }
    });
    address
}

fn serve(mut connection: &TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(connection).lines();
    let line = lines.next().transpose()?.unwrap_or_default();
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let mut request = http::Request::builder().method(method).uri(target);
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else { break };
        request = request.header(name, value);
    }
    let request = request.body(Bytes::new()).expect("the agent speaks HTTP");
    let keys = |id: &str, _: Option<&str>, scope: &CredentialScope| match id {
        "store" => Ok(SigningKey::derive("store-secret", scope)),
        _ => Err(KeyRefusal::Unknown),
    };
    let now = berth_agent::Clock::now(&berth_agent::SystemClock);
    let (status, body) = match verify(&request, now, &keys) {
        Err(_) => ("403 Forbidden", "<Error><Code>AccessDenied</Code></Error>"),
        Ok(_) if target == "/settings/shop/web.env" => {
            ("200 OK", "# the shop's\nFROM_FILE=1\nBOTH=file\n")
        }
        Ok(_) => {
            ("404 Not Found", "<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>")
        }
    };
    write!(
        connection,
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn files_of_variables_are_in_the_environment_or_the_task_tells_why_not() {
    let Some(host) = Host::for_test() else { return };
    let endpoint = format!("http://{}", store());
    let _up = host.up_with_variables(&[
        ("BERTH_S3_ENDPOINT", endpoint.as_str()),
        ("BERTH_S3_ACCESS_KEY_ID", "store"),
        ("BERTH_S3_SECRET_ACCESS_KEY", "store-secret"),
    ]);
    let ecs = Ecs::of(&host.home);
    ecs.wait_for_hosts(1);
    ecs.make_role("execution", &json!([]));
    let with_file = |family: &str, key: &str| {
        let main = container(
            "main",
            json!({
                "command": ["print-env"],
                "environment": [{ "name": "BOTH", "value": "definition" }],
                "environmentFiles": [{ "type": "s3", "value": format!("arn:aws:s3:::settings/{key}") }],
            }),
        );
        let mut definition = definition(family, json!([main]));
        definition["executionRoleArn"] = json!("arn:aws:iam::000000000000:role/execution");
        definition
    };
    let task = ecs.run_to_its_end(with_file("with-file", "shop/web.env"));
    let id = of_name(&task, "main")["runtimeId"].as_str().expect("it was made");
    let printed = host.docker(&["logs", id]);
    let lines: Vec<&str> = printed.lines().collect();
    assert!(lines.contains(&"FROM_FILE=1") && lines.contains(&"BOTH=definition"), "{printed}");
    let labels = host.docker(&["inspect", "--format", "{{json .Config.Labels}}", id]);
    assert!(!labels.contains("FROM_FILE"), "{labels}");

    let task = ecs.run_to_its_end(with_file("without-file", "shop/gone.env"));
    assert_eq!(task["stopCode"], "TaskFailedToStart", "{task}");
    assert_eq!(
        task["stoppedReason"],
        format!(
            "ResourceInitializationError: failed to download env files: S3 GetObject settings/shop/gone.env at \
             {endpoint}: NoSuchKey: no such key (status code: 404)"
        )
    );
}
