//! Questions and answers without sockets: real tasks on a fake engine, and what their containers are told.
//!
//! `golden/` holds whole documents. `UPDATE_GOLDEN=1` writes them; whoever runs it reads every line that changed.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use berth_agent_protocol::acs;
use berth_model::TaskStatus;
use berth_runtime::{Runtime, Verb};
use http::Method;
use serde_json::{Value, json};

use super::{Asked, Metadata};
use crate::agent::parts;
use crate::events::{self, EngineHealth};
use crate::host::Host;
use crate::memory::{Recollection, Remembered};
use crate::task::{ContainerSnapshot, Register};
use crate::testing::{CLUSTER, INSTANCE, World, arn, container, task};

const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// A host that answers its containers.
struct Answering {
    world: World,
    register: Arc<Register>,
    metadata: Metadata,
}

impl Answering {
    async fn new() -> Self {
        let mut world = World::new();
        world.options.availability_zone = Some("zone-1".to_owned());
        let runtime = Arc::new(world.engine.runtime("agent"));
        let info = runtime.info().await.unwrap();
        let host = Arc::new(Host::new(world.options.clone(), runtime, world.control_plane.clone()));
        let recollection = Arc::new(Recollection::new(Remembered::new(CLUSTER)));
        recollection.update(|state| state.container_instance = Some(INSTANCE.to_owned()));
        let register = Arc::new(Register::new(Arc::new(parts(&host, &recollection, &info))));
        register.parts().access.open();
        let engine = Arc::new(EngineHealth::new(true));
        let heard = host.runtime.events();
        host.spawn(events::run(host.clone(), register.clone(), heard, engine));
        let metadata = Metadata::new(host, register.clone(), &info);
        Self { world, register, metadata }
    }

    /// Runs the task, and gives the environment of each container by its name.
    async fn run(&self, task: acs::Task) -> BTreeMap<String, BTreeMap<String, String>> {
        let (arn, containers) = (task.arn.clone(), task.containers.len());
        self.register.assign(task);
        let runs = || {
            let snapshots = self.register.snapshots();
            let found = snapshots.iter().find(|(about, _)| about.arn == arn);
            found.is_some_and(|(_, task)| {
                let is_made = |container: &ContainerSnapshot| container.id.is_some();
                task.status == TaskStatus::Running && task.containers.iter().all(is_made)
            })
        };
        self.world.until(|_| runs()).await;
        let specs = self.world.engine.containers().into_iter().map(|container| container.spec);
        let name = |labels: &BTreeMap<String, String>| {
            let (owner, name) = crate::labels::owner(labels)?;
            (owner == arn).then(|| name.to_owned())
        };
        let found: BTreeMap<_, _> =
            specs.filter_map(|spec| Some((name(&spec.labels)?, spec.environment))).collect();
        assert_eq!(found.len(), containers);
        found
    }

    async fn ask(&self, method: Method, path: &str, source: IpAddr, body: &[u8]) -> (u16, Value) {
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let asked = Asked { method: &method, path, query, source, body };
        let answer = self.metadata.answer(&asked).await;
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(Method::GET, path, STRANGER, b"").await
    }

    async fn introspect(&self, path: &str) -> (u16, Value) {
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let asked = Asked { method: &Method::GET, path, query, source: STRANGER, body: b"" };
        let answer = self.metadata.introspect(&asked).await;
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap())
    }
}

/// The part of an address after the host.
fn path(environment: &BTreeMap<String, String>, name: &str) -> String {
    environment[name].strip_prefix("http://169.254.170.2").unwrap().to_owned()
}

/// A task that has something to say in every field.
fn rich() -> acs::Task {
    let docker_config = acs::DockerConfig {
        config: Some(json!({ "Labels": { "team": "a" } }).to_string()),
        host_config: Some(
            json!({ "LogConfig": { "Type": "json-file", "Config": { "max-size": "1m" } } })
                .to_string(),
        ),
        ..acs::DockerConfig::default()
    };
    let web = acs::Container {
        cpu: Some(256),
        container_arn: Some("arn:aws:ecs:us-east-1:123456789012:container/c/t/1".to_owned()),
        docker_config: Some(docker_config),
        mount_points: vec![acs::MountPoint {
            source_volume: "data".to_owned(),
            container_path: "/data".to_owned(),
            read_only: None,
        }],
        port_mappings: vec![acs::PortMapping {
            container_port: Some(80),
            host_port: Some(8080),
            ..acs::PortMapping::default()
        }],
        ..container("web", &[])
    };
    acs::Task {
        cpu: Some(0.5),
        memory: Some(256),
        launch_type: Some("EC2".to_owned()),
        service_name: Some("shop".to_owned()),
        volumes: vec![acs::Volume {
            name: "data".to_owned(),
            kind: Some(acs::VolumeType::Host),
            host: Some(acs::HostVolumeProperties { source_path: Some("/srv/data".to_owned()) }),
            ..acs::Volume::default()
        }],
        ..task(
            "t",
            vec![web, acs::Container { essential: false, ..container("log", &["exit", "3"]) }],
        )
    }
}

/// Compares with the file, once what the fake engine makes up has names.
async fn golden(answering: &Answering, name: &str, document: &Value) {
    let mut text = serde_json::to_string_pretty(document).unwrap() + "\n";
    for state in answering.world.engine.runtime("agent").list().await.unwrap() {
        let (_, container) = crate::labels::owner(&state.labels).unwrap();
        text = text.replace(state.id.as_str(), &format!("<id of {container}>"));
        text = text.replace(&state.image_id, "<id of the image>");
        for address in &state.addresses {
            text = text.replace(&address.to_string(), &format!("<address of {container}>"));
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/metadata/tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(text, expected, "{}", file.display());
}

#[tokio::test(start_paused = true)]
async fn every_document_of_every_version_is_as_ecs_has_it() {
    let answering = Answering::new().await;
    let environment = answering.run(rich()).await;
    answering.world.until(|engine| engine.running().len() == 1).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let (v3, v4) = (
        path(&environment["web"], "ECS_CONTAINER_METADATA_URI"),
        path(&environment["web"], "ECS_CONTAINER_METADATA_URI_V4"),
    );
    for (file, path) in [
        ("v3_container.json", v3.clone()),
        ("v3_task.json", format!("{v3}/task")),
        ("v4_container.json", v4.clone()),
        ("v4_task.json", format!("{v4}/task")),
        ("v4_stats.json", format!("{v4}/stats")),
        ("v4_task_stats.json", format!("{v4}/task/stats")),
        ("v3_stats.json", format!("{v3}/stats")),
    ] {
        let (status, document) = answering.get(&path).await;
        assert_eq!(status, 200, "{path}: {document}");
        golden(&answering, file, &document).await;
    }
    tokio::time::sleep(Duration::from_secs(10)).await;
    let (_, again) = answering.get(&format!("{v4}/stats")).await;
    golden(&answering, "v4_stats_again.json", &again).await;

    let (status, document) = answering.introspect("/v1/tasks").await;
    assert_eq!(status, 200);
    golden(&answering, "introspected_tasks.json", &document).await;
}

#[tokio::test(start_paused = true)]
async fn an_address_is_enough_for_the_second_version() {
    let answering = Answering::new().await;
    answering.run(rich()).await;
    answering.run(task("other", vec![container("other", &[])])).await;
    let states = answering.world.engine.runtime("agent").list().await.unwrap();
    let of = |name: &str| {
        let found = states.iter().find(|state| {
            crate::labels::owner(&state.labels).is_some_and(|(_, held)| held == name)
        });
        found.unwrap().clone()
    };
    let (web, other) = (of("web"), of("other"));
    let from = |path: &str, address: IpAddr| {
        let path = path.to_owned();
        let answering = &answering;
        async move { answering.ask(Method::GET, &path, address, b"").await }
    };
    let address = web.addresses[0];
    let (status, document) = from("/v2/metadata", address).await;
    assert_eq!(status, 200);
    golden(&answering, "v2_task.json", &document).await;
    assert_eq!(from("/v2/metadata", other.addresses[0]).await.1["TaskARN"], arn("other"));
    let (status, document) = from(&format!("/v2/metadata/{}", web.id), address).await;
    assert_eq!((status, &document["Name"]), (200, &json!("web")));
    assert_eq!(from(&format!("/v2/stats/{}", web.id), address).await.0, 200);
    assert_eq!(from("/v2/stats", address).await.1.as_object().unwrap().len(), 2);

    // Whose container it is makes the difference, not that its id is known.
    assert_eq!(from(&format!("/v2/metadata/{}", other.id), address).await.0, 404);
    assert_eq!(from(&format!("/v2/stats/{}", other.id), address).await.0, 404);
    assert_eq!(from("/v2/metadata", STRANGER).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_gets_one_answer_and_is_not_searched_for_long() {
    let answering = Answering::new().await;
    let environment = answering.run(rich()).await;
    let id = path(&environment["web"], "ECS_CONTAINER_METADATA_URI_V4");
    let nothing = answering.get("/v4/00000000000000000000000000000000/task").await;
    assert_eq!(nothing.0, 404);
    for path in
        ["/v4/x", "/v3/..%2f..", "/v4//task", "/nowhere", &id.to_uppercase(), &id[..id.len() - 1]]
    {
        assert_eq!(answering.get(path).await, nothing, "{path}");
    }
    let mut answers = Vec::new();
    for _ in 0..100 {
        answers.push(answering.get("/v4/guess").await.0);
    }
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 47);
    assert_eq!(answering.get(&id).await.0, 200, "those who know are not made to wait");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_asks_too_often_waits_and_no_other_does() {
    let answering = Answering::new().await;
    let first = answering.run(task("t", vec![container("web", &[])])).await;
    let second = answering.run(task("u", vec![container("web", &[])])).await;
    let of = |environment: &BTreeMap<String, BTreeMap<String, String>>| {
        path(&environment["web"], "ECS_CONTAINER_METADATA_URI_V4")
    };
    let (first, second) = (of(&first), of(&second));
    let mut answers = Vec::new();
    for _ in 0..80 {
        answers.push(answering.get(&first).await.0);
    }
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 60);
    assert_eq!(answers.last(), Some(&429));
    assert_eq!(answering.get(&second).await.0, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(answering.get(&first).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn asking_is_all_that_can_be_done() {
    let answering = Answering::new().await;
    let environment = answering.run(rich()).await;
    let id = path(&environment["web"], "ECS_CONTAINER_METADATA_URI_V4");
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::HEAD] {
        assert_eq!(answering.ask(method, &id, STRANGER, b"").await.0, 405);
    }
    let api = path(&environment["web"], "ECS_AGENT_URI");
    let fault = format!("{api}/fault/v1/network-latency/start");
    let (status, refusal) = answering.ask(Method::POST, &fault, STRANGER, b"{}").await;
    assert_eq!(status, 400);
    assert!(refusal["Error"].as_str().unwrap().contains("fault injection"), "{refusal}");
}

#[tokio::test(start_paused = true)]
async fn reading_usage_often_costs_the_engine_little() {
    let answering = Answering::new().await;
    let environment = answering.run(task("t", vec![container("web", &[])])).await;
    let id = path(&environment["web"], "ECS_CONTAINER_METADATA_URI_V4");
    for _ in 0..20 {
        assert_eq!(answering.get(&format!("{id}/stats")).await.0, 200);
        assert_eq!(answering.get(&format!("{id}/task")).await.0, 200);
    }
    assert_eq!(answering.world.engine.calls(Verb::Stats), 1);
    assert!(answering.world.engine.calls(Verb::Inspect) <= 2);
}

#[tokio::test(start_paused = true)]
async fn tags_are_asked_of_the_control_plane_and_their_absence_is_explained() {
    let answering = Answering::new().await;
    let environment = answering.run(rich()).await;
    let id = path(&environment["web"], "ECS_CONTAINER_METADATA_URI_V4");
    let control_plane = &answering.world.control_plane;
    control_plane
        .answer("ListTagsForResource", json!({ "tags": [{ "key": "team", "value": "a" }] }));
    let (status, document) = answering.get(&format!("{id}/taskWithTags")).await;
    assert_eq!(status, 200);
    assert_eq!(document["TaskTags"], json!({ "team": "a" }));
    assert_eq!(document["ContainerInstanceTags"], json!({ "team": "a" }));
    let asked: Vec<_> = control_plane.calls("ListTagsForResource");
    assert_eq!(asked, [json!({ "resourceArn": INSTANCE }), json!({ "resourceArn": arn("t") })]);

    control_plane.fail_next("ListTagsForResource", "AccessDeniedException");
    let (status, document) = answering.get(&format!("{id}/taskWithTags")).await;
    assert_eq!((status, &document["TaskTags"]), (200, &json!({ "team": "a" })));
    let error = json!([{
        "ErrorField": "ContainerInstanceTags",
        "ErrorCode": "AccessDeniedException",
        "ErrorMessage": "scripted",
        "StatusCode": 400,
        "ResourceARN": INSTANCE,
    }]);
    assert_eq!(document["Errors"], error);
}

fn credentials(id: &str, key: &str) -> acs::IAMRoleCredentials {
    acs::IAMRoleCredentials {
        credentials_id: id.to_owned(),
        role_arn: "arn:aws:iam::123456789012:role/web".to_owned(),
        access_key_id: key.to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: "token".to_owned(),
        expiration: "2026-01-02T09:04:05Z".to_owned(),
        credential_scope: None,
    }
}

#[tokio::test(start_paused = true)]
async fn role_credentials_are_had_by_their_id_alone() {
    let answering = Answering::new().await;
    let with_role = acs::Task { role_credentials: Some(credentials("role-id", "AKID")), ..rich() };
    let environment = answering.run(with_role).await;
    let uri = environment["web"]["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"].clone();
    assert_eq!(uri, "/v2/credentials/role-id");
    let document = json!({
        "RoleArn": "arn:aws:iam::123456789012:role/web",
        "AccessKeyId": "AKID",
        "SecretAccessKey": "secret",
        "Token": "token",
        "Expiration": "2026-01-02T09:04:05Z",
    });
    assert_eq!(answering.get(&uri).await, (200, document.clone()));
    assert_eq!(answering.get("/v1/credentials?id=role-id").await, (200, document));
    let error = |code: &str, what: &str| {
        let message = format!("CredentialsV2Request: {what}");
        (400, json!({ "code": code, "message": message, "HTTPErrorCode": 400 }))
    };
    assert_eq!(
        answering.get("/v2/credentials/other").await,
        error("InvalidIdInRequest", "Credentials not found")
    );
    assert_eq!(
        answering.get("/v2/credentials/").await,
        error("NoIdInRequest", "No Credential ID in the request")
    );
    let plain = answering.run(task("plain", vec![container("web", &[])])).await;
    assert!(!plain["web"].contains_key("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"));
}

#[tokio::test(start_paused = true)]
async fn protection_is_asked_for_in_the_name_of_the_role_if_there_is_one() {
    let answering = Answering::new().await;
    let with_role = acs::Task { role_credentials: Some(credentials("role-id", "AKID")), ..rich() };
    let environment = answering.run(with_role).await;
    let uri = format!("{}/task-protection/v1/state", path(&environment["web"], "ECS_AGENT_URI"));
    let control_plane = &answering.world.control_plane;
    control_plane.answer(
        "UpdateTaskProtection",
        json!({
            "protectedTasks": [{ "taskArn": arn("t"), "protectionEnabled": true, "expirationDate": 1767323045.0 }],
            "failures": [],
        }),
    );
    let put = br#"{"ProtectionEnabled":true,"ExpiresInMinutes":60}"#;
    let protection = json!({ "protection": {
        "ProtectionEnabled": true, "ExpirationDate": "2026-01-02T03:04:05Z", "TaskArn": arn("t"),
    }});
    assert_eq!(answering.ask(Method::PUT, &uri, STRANGER, put).await, (200, protection));
    let asked = json!({
        "cluster": CLUSTER, "tasks": [arn("t")], "protectionEnabled": true, "expiresInMinutes": 60,
    });
    assert_eq!(control_plane.calls("UpdateTaskProtection"), [asked]);
    assert_eq!(control_plane.keys(), ["AKID"]);

    let failure = json!({
        "protectedTasks": [],
        "failures": [{ "arn": arn("t"), "reason": "TASK_NOT_VALID" }],
    });
    control_plane.answer("GetTaskProtection", failure);
    let told = json!({
        "failure": { "Arn": arn("t"), "Reason": "TASK_NOT_VALID", "Detail": null },
    });
    assert_eq!(answering.get(&uri).await, (200, told));

    control_plane.fail_next("GetTaskProtection", "AccessDeniedException");
    let told = json!({
        "error": { "Arn": arn("t"), "Code": "AccessDeniedException", "Message": "scripted" },
    });
    assert_eq!(answering.get(&uri).await, (400, told));
    for (body, message) in [
        (&b"{"[..], "UpdateTaskProtection: failed to decode request"),
        (br#"{"Protect":true}"#, "UpdateTaskProtection: failed to decode request"),
        (b"{}", "Invalid request: does not contain 'ProtectionEnabled' field"),
    ] {
        let (status, told) = answering.ask(Method::PUT, &uri, STRANGER, body).await;
        assert_eq!((status, &told["error"]["Message"]), (400, &json!(message)));
        assert_eq!(told["error"]["Code"], "InvalidParameterException");
    }
    let (status, told) = answering.get("/api/unknown/task-protection/v1/state").await;
    assert_eq!((status, &told["error"]["Code"]), (404, &json!("ResourceNotFoundException")));
    assert_eq!(answering.ask(Method::POST, &uri, STRANGER, put).await.0, 405);

    let plain = answering.run(task("plain", vec![container("web", &[])])).await;
    let uri = format!("{}/task-protection/v1/state", path(&plain["web"], "ECS_AGENT_URI"));
    assert_eq!(answering.get(&uri).await.0, 200);
    assert_eq!(control_plane.keys(), ["AKID", "AKID", "AKID"], "the agent asks by itself");
}

#[tokio::test(start_paused = true)]
async fn introspection_finds_tasks_by_arn_and_container() {
    let answering = Answering::new().await;
    answering.run(rich()).await;
    let instance = json!({
        "Cluster": CLUSTER,
        "ContainerInstanceArn": INSTANCE,
        "Version": format!("Berth - v{}", env!("CARGO_PKG_VERSION")),
    });
    assert_eq!(answering.introspect("/v1/metadata").await, (200, instance));
    let by_arn = format!("/v1/tasks?taskarn={}", arn("t").replace(':', "%3A"));
    let (status, task) = answering.introspect(&by_arn).await;
    assert_eq!((status, &task["Arn"]), (200, &json!(arn("t"))));
    let id = task["Containers"][0]["DockerId"].as_str().unwrap().to_owned();
    for id in [&id, &id[..12]] {
        let (status, found) = answering.introspect(&format!("/v1/tasks?dockerid={id}")).await;
        assert_eq!((status, &found), (200, &task));
    }
    assert_eq!(answering.introspect("/v1/tasks?dockerid=none").await.0, 404);
    assert_eq!(answering.introspect("/v1/tasks?taskarn=none").await.0, 404);
    assert_eq!(answering.introspect("/v1/tasks?taskarn=a&dockerid=b").await.0, 400);
    assert_eq!(answering.introspect("/license").await.0, 404);
}
