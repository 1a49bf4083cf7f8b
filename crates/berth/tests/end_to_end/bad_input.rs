//! Whatever comes over the socket: AWS's code, a message that says what and where, and nothing changes.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, SystemTime};

use berth_test_server::{Api, Home, Process, Refusal, Value, json};
use bytes::Bytes;
use http::{HeaderValue, Request, Response};

use crate::host::home;

/// A server with something in it that could be changed.
struct Target {
    home: Home,
    _server: Process,
    api: Api,
    before: Value,
}

impl Target {
    fn new() -> Target {
        Self::with(&[])
    }

    fn with(arguments: &[&str]) -> Target {
        let home = home();
        let server = home.serving("server").args(arguments).start();
        let api = home.api();
        api.call("CreateCluster", json!({ "clusterName": "kept" }));
        api.call("RegisterTaskDefinition", json!({
            "family": "kept", "containerDefinitions": [{ "name": "main", "image": "any", "memory": 16 }],
        }));
        api.call("CreateService", json!({
            "cluster": "kept", "serviceName": "kept", "taskDefinition": "kept", "desiredCount": 0,
        }));
        let before = everything(&api);
        Target { home, _server: server, api, before }
    }

    /// Sends a request as it is, and checks the refusal and that nothing has changed.
    #[track_caller]
    fn refuses(&self, request: Request<Bytes>, status: u16, code: &str, says: &[&str]) {
        let what = format!("{:.200}", String::from_utf8_lossy(request.body()));
        let answer = self.api.send(request).unwrap_or_else(|error| panic!("{error}: {what}"));
        self.check(&answer, &what, status, code, says);
    }

    #[track_caller]
    fn check(&self, answer: &Response<Bytes>, what: &str, status: u16, code: &str, says: &[&str]) {
        let body: Value = serde_json::from_slice(answer.body())
            .unwrap_or_else(|error| panic!("{error}: {:?}", answer.body()));
        let refusal = Refusal::of(answer, &body).unwrap_or_else(|| panic!("accepted: {what}"));
        assert_eq!((refusal.status, refusal.code.as_str()), (status, code), "{what}: {refusal:?}");
        for part in says {
            assert!(refusal.message.contains(part), "`{part}` expected in {refusal:?} for {what}");
        }
        assert!(answer.headers().contains_key("x-amzn-requestid"), "{:?}", answer.headers());
        assert_eq!(everything(&self.api), self.before, "nothing changes by {what}");
    }

    /// A signed call whose input is this text.
    #[track_caller]
    fn refuses_text(&self, operation: &str, text: impl Into<Bytes>, code: &str, says: &[&str]) {
        self.refuses(self.api.request(operation, text.into()), 400, code, says);
    }

    #[track_caller]
    fn refuses_input(&self, operation: &str, input: Value, code: &str, says: &[&str]) {
        self.refuses_text(operation, input.to_string(), code, says);
    }

    /// A request that is spoilt after, or before, it is signed.
    fn list_clusters(&self) -> Request<Bytes> {
        self.api.request("ListClusters", "{}".into())
    }
}

/// All that requests here might change.
fn everything(api: &Api) -> Value {
    let clusters = api.call("ListClusters", json!({}));
    let definitions = api.call("ListTaskDefinitions", json!({ "sort": "ASC" }));
    json!([
        api.call(
            "DescribeClusters",
            json!({ "clusters": clusters["clusterArns"], "include": ["TAGS"] })
        ),
        definitions,
        api.call("DescribeTaskDefinition", json!({ "taskDefinition": "kept" })),
        api.call("ListServices", json!({ "cluster": "kept" })),
        api.call("ListServiceDeployments", json!({ "cluster": "kept", "service": "kept" }))["serviceDeployments"]
            [0]["serviceDeploymentArn"],
        api.call("DescribeServices", json!({ "cluster": "kept", "services": ["kept"] }))["services"]
            [0]["desiredCount"],
    ])
}

#[test]
fn what_is_not_json_or_of_the_wrong_type_names_the_place() {
    let target = Target::new();
    for text in
        ["{", "nonsense", "[]", "null", "\"x\"", "{\"clusterName\": }", "{} trailing", "\u{0}"]
    {
        target.refuses_text("CreateCluster", text.to_owned(), "SerializationException", &[]);
    }
    target.refuses_text(
        "CreateCluster",
        &b"{\"clusterName\": \"\xff\xfe\"}"[..],
        "SerializationException",
        &[],
    );
    let deep = "[".repeat(100_000);
    target.refuses_text(
        "CreateCluster",
        format!("{{\"tags\": {deep}"),
        "SerializationException",
        &[],
    );
    for (input, place) in [
        (json!({ "clusterName": 7 }), "clusterName"),
        (json!({ "tags": "all" }), "tags"),
        (json!({ "tags": [{ "key": {} }] }), "tags"),
        (json!({ "settings": [7] }), "settings"),
    ] {
        target.refuses_input("CreateCluster", input, "SerializationException", &[place]);
    }
    let definition = json!({ "family": "x", "containerDefinitions": [{ "memory": "much" }] });
    target.refuses_input(
        "RegisterTaskDefinition",
        definition,
        "SerializationException",
        &["memory"],
    );
}

#[test]
fn requests_for_nothing_that_there_is_are_told_so() {
    let target = Target::new();
    target.refuses_input("FlyToTheMoon", json!({}), "UnknownOperationException", &["FlyToTheMoon"]);
    target.refuses_input(
        "CreateDaemon",
        json!({}),
        "UnsupportedOperationException",
        &["CreateDaemon"],
    );

    let mut unknown_service = target.list_clusters();
    unknown_service
        .headers_mut()
        .insert("x-amz-target", HeaderValue::from_static("Teapot_20990101.Brew"));
    target.api.sign(&mut unknown_service);
    target.refuses(unknown_service, 400, "UnknownOperationException", &["Teapot_20990101"]);

    let mut no_target = target.list_clusters();
    no_target.headers_mut().remove("x-amz-target");
    target.api.sign(&mut no_target);
    target.refuses(no_target, 400, "UnknownOperationException", &[]);
}

#[test]
fn whoever_does_not_sign_as_they_should_is_not_let_in() {
    let target = Target::new();
    let unsigned = |name: &str| {
        let mut request = target.list_clusters();
        request.headers_mut().remove(name);
        request
    };
    target.refuses(unsigned("authorization"), 400, "MissingAuthenticationTokenException", &[]);

    let mut changed = target.list_clusters();
    *changed.body_mut() = Bytes::from_static(b"{ }");
    target.refuses(changed, 400, "InvalidSignatureException", &[]);

    let mut wrong_secret = target.api.clone();
    wrong_secret.credentials.secret_access_key.push('x');
    target.refuses(
        wrong_secret.request("ListClusters", "{}".into()),
        400,
        "InvalidSignatureException",
        &[],
    );

    let mut stranger = target.api.clone();
    stranger.credentials.access_key_id = "AKIAIOSFODNN7EXAMPLE".to_owned();
    target.refuses(
        stranger.request("ListClusters", "{}".into()),
        400,
        "UnrecognizedClientException",
        &[],
    );

    let hour = Duration::from_secs(60 * 60);
    for time in [SystemTime::now() - hour, SystemTime::now() + hour] {
        let mut request = target.list_clusters();
        target.api.sign_at(&mut request, time);
        target.refuses(request, 400, "InvalidSignatureException", &["Signature"]);
    }

    let mut nonsense = target.list_clusters();
    nonsense
        .headers_mut()
        .insert("authorization", HeaderValue::from_static("AWS4-HMAC-SHA256 please"));
    target.refuses(nonsense, 400, "IncompleteSignatureException", &[]);
}

/// AWS: for a quarter of an hour, a signature is as good the second time. What a client token names is done once.
#[test]
fn a_call_that_is_replayed_does_nothing_twice() {
    let target = Target::new();
    let input = json!({
        "cluster": "kept", "serviceName": "once", "taskDefinition": "kept", "desiredCount": 0, "clientToken": "it",
    });
    let request = target.api.request("CreateService", input.to_string().into());
    let answers = [request.clone(), request].map(|request| {
        let answer = target.api.send(request).expect("it is answered");
        assert_eq!(answer.status(), 200, "{answer:?}");
        serde_json::from_slice::<Value>(answer.body()).expect("JSON")
    });
    assert_eq!(answers[0], answers[1]);
    let services = target.api.call("ListServices", json!({ "cluster": "kept" }));
    assert_eq!(services["serviceArns"].as_array().map(Vec::len), Some(2), "{services}");
}

#[test]
fn a_body_that_is_too_long_is_refused() {
    let target = Target::new();
    let long = format!("{{\"clusterName\": \"{}\"}}", "a".repeat(10 * 1024 * 1024));
    target.refuses(
        target.api.request("CreateCluster", long.into()),
        413,
        "RequestEntityTooLargeException",
        &["10"],
    );
}

#[test]
fn names_are_names_and_no_paths() {
    let target = Target::new();
    for name in [
        "../../etc/passwd",
        "..",
        "a/b",
        "/etc",
        "a\\b",
        "a b",
        "ä",
        "%2e%2e",
        "a\u{0}",
        &"a".repeat(256),
    ] {
        target.refuses_input(
            "CreateCluster",
            json!({ "clusterName": name }),
            "InvalidParameterException",
            &[],
        );
        let definition = json!({
            "family": name, "containerDefinitions": [{ "name": "main", "image": "any", "memory": 16 }],
        });
        target.refuses_input("RegisterTaskDefinition", definition, "ClientException", &[]);
    }
}

#[test]
fn task_definitions_that_cannot_be_are_refused_by_container_and_member() {
    let target = Target::new();
    let container = |name: &str| json!({ "name": name, "image": "any", "memory": 16 });
    let refuses = |containers: Value, says: &[&str]| {
        let input = json!({ "family": "x", "containerDefinitions": containers });
        target.refuses_input("RegisterTaskDefinition", input, "ClientException", says);
    };
    let eleven: Vec<Value> = (0..11).map(|number| container(&format!("c{number}"))).collect();
    refuses(json!(eleven), &["10"]);
    refuses(json!([{ "name": "main", "image": "any", "memory": 5 }]), &["main", "6"]);
    refuses(json!([container("main"), container("main")]), &["main"]);
    refuses(json!([{ "name": "main", "image": "any" }]), &["memory"]);
    refuses(json!([]), &[]);
    let essential = json!({ "name": "main", "image": "any", "memory": 16, "essential": false });
    refuses(json!([essential]), &["essential"]);
    let port = json!({ "name": "main", "image": "any", "memory": 16, "portMappings": [{ "containerPort": 70000 }] });
    refuses(json!([port]), &["70000"]);
}

#[test]
fn services_that_cannot_be_are_refused_by_parameter_and_place() {
    let target = Target::with(&["--limits", "classic"]);
    let refuses = |operation: &str, more: Value, code: &str, says: &[&str]| {
        let mut input = match operation {
            "CreateService" => {
                json!({ "cluster": "kept", "serviceName": "new", "taskDefinition": "kept", "desiredCount": 1 })
            }
            _ => json!({ "cluster": "kept", "service": "kept" }),
        };
        let more = more.as_object().expect("parameters").clone();
        input.as_object_mut().expect("parameters").extend(more);
        target.refuses_input(operation, input, code, says);
    };
    for operation in ["CreateService", "UpdateService"] {
        let invalid = |more: Value, says: &[&str]| {
            refuses(operation, more, "InvalidParameterException", says)
        };
        invalid(json!({ "desiredCount": -1 }), &["desiredCount", "-1"]);
        invalid(json!({ "desiredCount": 1001 }), &["desiredCount", "1000"]);
        let strategy = json!([{ "type": "binpack", "field": "disk" }]);
        invalid(json!({ "placementStrategy": strategy }), &["placementStrategy[0]", "`disk`"]);
        let constraint = json!([{ "type": "memberOf", "expression": "attribute:a == " }]);
        invalid(
            json!({ "placementConstraints": constraint }),
            &["placementConstraints[0]", "at character"],
        );
        let percent = json!({ "minimumHealthyPercent": 101 });
        invalid(json!({ "deploymentConfiguration": percent }), &["minimumHealthyPercent", "101"]);
        refuses(operation, json!({ "taskDefinition": "nothing" }), "ClientException", &[]);
        refuses(operation, json!({ "cluster": "nowhere" }), "ClusterNotFoundException", &[]);
        refuses(
            operation,
            json!({ "desiredCount": "many" }),
            "SerializationException",
            &["desiredCount"],
        );
        let balancer = json!([{ "targetGroupArn": "arn:aws:x", "containerName": "main", "containerPort": 80 }]);
        invalid(
            json!({ "loadBalancers": balancer }),
            &["The specified target group does not exist", "arn:aws:x"],
        );
        let classic =
            json!([{ "loadBalancerName": "old", "containerName": "main", "containerPort": 80 }]);
        let unsupported = "UnsupportedFeatureException";
        refuses(operation, json!({ "loadBalancers": classic }), unsupported, &["loadBalancerName"]);
    }
    refuses("UpdateService", json!({ "service": "nobody" }), "ServiceNotFoundException", &[]);
    refuses("DeleteService", json!({ "service": "nobody" }), "ServiceNotFoundException", &[]);
    refuses("CreateService", json!({ "serviceName": "../kept" }), "InvalidParameterException", &[]);
    refuses(
        "CreateService",
        json!({ "serviceName": "kept" }),
        "InvalidParameterException",
        &["idempotent"],
    );
}

#[test]
fn identifiers_of_elsewhere_or_of_nothing_are_told_apart() {
    let target = Target::new();
    let refuses = |cluster: &str, code: &str, says: &[&str]| {
        target.refuses_input("ListTasks", json!({ "cluster": cluster }), code, says);
    };
    refuses("nowhere", "ClusterNotFoundException", &["Cluster not found."]);
    refuses("arn:aws:ecs:us-east-1:000000000000:cluster/nowhere", "ClusterNotFoundException", &[]);
    refuses(
        "arn:aws:ecs:eu-west-1:000000000000:cluster/kept",
        "InvalidParameterException",
        &["eu-west-1"],
    );
    refuses(
        "arn:aws:ecs:us-east-1:999999999999:cluster/kept",
        "InvalidParameterException",
        &["999999999999"],
    );
    for malformed in [
        "arn:",
        "arn:aws:ecs",
        "arn:aws:ecs:us-east-1:000000000000:",
        "arn:aws:s3:::kept",
        "arn:aws:ecs:us-east-1:000000000000:cluster/../kept",
        "arn:aws:ecs:us-east-1:000000000000:service/kept",
    ] {
        refuses(malformed, "InvalidParameterException", &[]);
    }
    let task = |task: &str, code: &str| {
        target.refuses_input("StopTask", json!({ "cluster": "kept", "task": task }), code, &[]);
    };
    task("0123456789abcdef0123456789abcdef", "InvalidParameterException");
    task("arn:aws:ecs:us-east-1:000000000000:task/kept/../x", "InvalidParameterException");
}

/// What is no HTTP at all ends that connection, and no other.
#[test]
fn noise_is_hung_up_on() {
    let target = Target::new();
    for noise in [
        &b"\x16\x03\x01\x02\x00\x01\x00"[..],
        b"hello?\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\n\r\n\r\n",
        &[0; 4096],
    ] {
        let mut connection = TcpStream::connect(target.home.address()).expect("it listens");
        connection
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a timeout that is not zero");
        connection.write_all(noise).expect("it is taken");
        if let Err(error) = connection.shutdown(Shutdown::Write) {
            assert_eq!(error.kind(), ErrorKind::NotConnected, "it hung up already: {error}");
        }
        let mut answer = Vec::new();
        match connection.read_to_end(&mut answer) {
            Ok(_) => {
                let answer = String::from_utf8_lossy(&answer);
                let refused =
                    ["HTTP/1.1 400 ", "HTTP/1.1 505 "].iter().any(|head| answer.starts_with(head));
                // What begins like TLS is told in TLS's words.
                let is_alert = answer.starts_with('\u{15}');
                assert!(answer.is_empty() || refused || is_alert, "{noise:?}: {answer}");
            }
            // It hung up with something of ours unread.
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{noise:?}: {error}")
            }
        }
        assert_eq!(everything(&target.api), target.before);
    }
}
