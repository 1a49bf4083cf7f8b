//! `berth server`, from outside.

use berth_agent::ControlPlane;
use rustix::process::Signal;
use serde_json::json;

use crate::process::Home;

const ANYWHERE: [&str; 3] = ["server", "--listen", "127.0.0.1:0"];

#[test]
fn ready_means_healthy_and_a_signal_ends_it_cleanly() {
    for signal in [Signal::TERM, Signal::INT] {
        let home = Home::new();
        let server = home.serve(&[&ANYWHERE[..], &["--store", "memory"]].concat());
        assert!(server.get("/health").starts_with("HTTP/1.1 200 "), "{}", server.get("/health"));
        assert!(server.get("/metrics").contains("berth_connections_open"));
        server.signal(signal);
        assert_eq!(server.wait().code(), Some(0));
    }
}

#[tokio::test]
async fn env_leads_clients_to_the_server_and_its_key() {
    let home = Home::new();
    let server = home
        .serve(&[&ANYWHERE[..], &["--region", "eu-west-1", "--account", "123456789012"]].concat());
    assert_eq!(home.exported("AWS_ENDPOINT_URL"), server.endpoint);
    let created = home.ecs().call("CreateCluster", json!({ "clusterName": "a" })).await;
    let arn = created.expect("the key is the administrator's")["cluster"]["clusterArn"].clone();
    assert_eq!(arn, "arn:aws:ecs:eu-west-1:123456789012:cluster/a");
}

#[tokio::test]
async fn another_key_is_refused_unless_everybody_is_let_in() {
    let (home, stranger) = (Home::new(), Home::new());
    for (auth, let_in) in [("enforce", false), ("open", true)] {
        let server = home.serve(&[&ANYWHERE[..], &["--auth", auth]].concat());
        let credentials = berth_aws_protocol::sigv4::Credentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: None,
        };
        let ecs = berth_agent::HttpControlPlane::new(&server.endpoint, "us-east-1", credentials);
        let answer = ecs.expect("an address").call("ListClusters", json!({})).await;
        match answer {
            Ok(_) => assert!(let_in, "{auth}"),
            Err(error) => {
                assert!(!let_in, "{auth}: {error}");
                assert_eq!(error.code(), Some("UnrecognizedClientException"));
            }
        }
    }
    drop(stranger);
}

#[test]
fn a_second_server_on_the_same_data_is_turned_away() {
    let home = Home::new();
    let first = home.serve(&ANYWHERE);
    let second = home.output(&ANYWHERE);
    assert_eq!(second.status.code(), Some(1));
    let message = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(message.contains("berth: cannot open the store: "), "{message}");
    assert!(message.contains("state.redb"), "{message}");
    assert_eq!(String::from_utf8_lossy(&second.stdout), "");
    assert!(first.get("/health").starts_with("HTTP/1.1 200 "));
    assert_eq!(home.exported("AWS_ENDPOINT_URL"), first.endpoint);
}

#[test]
fn an_address_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let output = Home::new().output(&["server", "--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains(&format!("cannot listen: {address}: ")), "{message}");
}
