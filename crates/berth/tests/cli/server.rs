//! `berth server`, from outside.

use berth_aws_protocol::sigv4::Credentials;
use berth_test_server::{Api, CallError, get, json};
use rustix::process::Signal;

use crate::{exported, home};

#[test]
fn ready_means_healthy_and_a_signal_ends_it_cleanly() {
    for signal in [Signal::TERM, Signal::INT] {
        let home = home();
        let server = home.serving("server").args(&["--store", "memory"]).start();
        let health = get(home.address(), "/health").expect("it answers");
        assert_eq!(health.status(), 200);
        let metrics = get(home.address(), "/metrics").expect("it answers");
        assert!(String::from_utf8_lossy(metrics.body()).contains("berth_connections_open"));
        assert_eq!(server.end_by(signal).code(), Some(0));
    }
}

#[test]
fn env_leads_clients_to_the_server_and_its_key() {
    let home = home();
    let options = ["--region", "eu-west-1", "--account", "123456789012"];
    let _server = home.serving("server").args(&options).start();
    assert_eq!(exported(&home, "AWS_ENDPOINT_URL"), home.endpoint());
    let id = exported(&home, "AWS_ACCESS_KEY_ID");
    let secret = exported(&home, "AWS_SECRET_ACCESS_KEY");
    let api = Api {
        server: home.address(),
        region: exported(&home, "AWS_REGION"),
        credentials: Credentials::new(id, secret),
        ..home.api()
    };
    let created = api.call("CreateCluster", json!({ "clusterName": "a" }));
    assert_eq!(created["cluster"]["clusterArn"], "arn:aws:ecs:eu-west-1:123456789012:cluster/a");
}

#[test]
fn agents_are_sent_back_where_they_called_unless_told_otherwise() {
    let home = home();
    let options: [(&[&str], _); 2] = [
        (&[], "http://10.0.0.1:4566/acs"),
        (&["--advertise", "http://berth.example/"], "http://berth.example/acs"),
    ];
    for (options, endpoint) in options {
        let _server = home.serving("server").args(options).start();
        let api = home.api();
        api.call("CreateCluster", json!({ "clusterName": "a" }));
        // As an agent that knows this server by another of its addresses asks.
        let elsewhere = Api { server: ([10, 0, 0, 1], 4566).into(), ..home.api() };
        let body = json!({ "cluster": "a" }).to_string();
        let answer = api.send(elsewhere.request("DiscoverPollEndpoint", body.into()));
        let answer = answer.expect("it answers").into_body();
        let answer: serde_json::Value = serde_json::from_slice(&answer).expect("it is JSON");
        assert_eq!(answer["endpoint"], endpoint);
    }
}

#[test]
fn another_key_is_refused_unless_everybody_is_let_in() {
    let home = home();
    for (auth, let_in) in [("enforce", false), ("open", true)] {
        let _server = home.serving("server").args(&["--auth", auth]).start();
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret");
        let stranger = Api { credentials, ..home.api() };
        match stranger.try_call("ListClusters", &json!({})) {
            Ok(_) => assert!(let_in, "{auth}"),
            Err(CallError::Refused(refusal)) => {
                assert!(!let_in, "{auth}: {refusal:?}");
                assert_eq!(refusal.code, "UnrecognizedClientException");
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_second_server_on_the_same_data_is_turned_away() {
    let home = home();
    let _first = home.server();
    let second = home.command(&["server", "--listen", "127.0.0.1:0"]).output().expect("it runs");
    assert_eq!(second.status.code(), Some(1));
    let message = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(message.contains("berth: cannot open the store: "), "{message}");
    assert!(message.contains("state.redb"), "{message}");
    assert_eq!(String::from_utf8_lossy(&second.stdout), "");
    assert_eq!(get(home.address(), "/health").expect("the first still answers").status(), 200);
    assert_eq!(exported(&home, "AWS_ENDPOINT_URL"), home.endpoint());
}

#[test]
fn an_address_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let output = home().command(&["server", "--listen", &address]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains(&format!("cannot listen: {address}: ")), "{message}");
}

#[test]
fn systemd_is_told_when_it_is_ready_and_when_it_stops() {
    use std::os::unix::net::UnixDatagram;

    let home = home();
    let path = home.path().join("notify");
    let systemd = UnixDatagram::bind(&path).expect("a socket can be made");
    systemd.set_read_timeout(Some(std::time::Duration::from_secs(30))).expect("a time above zero");
    let hears = || {
        let mut buffer = [0; 64];
        let length = systemd.recv(&mut buffer).expect("it is told in time");
        String::from_utf8(buffer[..length].to_vec()).expect("text")
    };
    let path = path.to_str().expect("a plain path");
    let server = home.serving("server").env("NOTIFY_SOCKET", path).start();
    assert_eq!(hears(), "READY=1");
    assert_eq!(server.terminate().code(), Some(0));
    assert_eq!(hears(), "STOPPING=1");
}
