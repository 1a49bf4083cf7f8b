//! What a service runs when a tag moves: its deployment's image until there is another deployment.

use std::fs;

use berth_test_registry::Access;
use berth_test_server::{Value, json, until};

use super::Site;
use crate::ecs::{Ecs, merge, text};
use crate::host::runtime_id;
use crate::services::service::Service;

/// A service of one task of `web:1`, which is stopped before another is started.
fn serve<'a>(site: &Site, ecs: &'a Ecs, name: &'static str, consistency: &str) -> Service<'a> {
    let mut definition = site.definition("web:1");
    merge(&mut definition["containerDefinitions"][0], json!({ "versionConsistency": consistency }));
    merge(&mut definition, json!({ "family": name }));
    let with = json!({
        "taskDefinition": ecs.register(definition), "desiredCount": 1,
        "deploymentConfiguration": { "minimumHealthyPercent": 0, "maximumPercent": 100 },
    });
    Service::create(ecs, name, with)
}

/// The service's one task, which runs this image.
#[track_caller]
fn runs(service: &Service<'_>, digest: &str) -> Value {
    until("the service runs the right image", || {
        let tasks = service.tasks();
        let is_it = |task: &Value| {
            task["lastStatus"] == "RUNNING" && task["containers"][0]["imageDigest"] == digest
        };
        match &tasks[..] {
            [task] if is_it(task) => Ok(task.clone()),
            _ => Err(json!(tasks).to_string()),
        }
    })
}

/// Kills the service's one task, and waits until another runs this image, or any but that one.
#[track_caller]
fn survives(site: &Site, service: &Service<'_>, before: &Value, digest: &str) -> Value {
    site.host.docker(&["kill", runtime_id(before)]);
    service.wait("the killed task is replaced", |_| {
        let tasks = service.tasks();
        let is_another =
            |task: &Value| task["taskArn"] != before["taskArn"] && task["lastStatus"] == "RUNNING";
        tasks.iter().any(is_another)
    });
    runs(service, digest)
}

/// The digests that the service's deployments have found, the newest deployment's first.
fn established(ecs: &Ecs, service: &str) -> Vec<Value> {
    let listed = ecs.api.call("ListServiceDeployments", json!({ "service": service }));
    let deployments = listed["serviceDeployments"].as_array().expect("a list").iter();
    let arns: Vec<&Value> =
        deployments.map(|deployment| &deployment["targetServiceRevisionArn"]).collect();
    let described =
        ecs.api.call("DescribeServiceRevisions", json!({ "serviceRevisionArns": arns }));
    let revisions = described["serviceRevisions"].as_array().expect("a list").iter();
    revisions.map(|revision| revision["containerImages"][0]["imageDigest"].clone()).collect()
}

#[test]
fn a_deployment_keeps_its_image_when_the_tag_moves() {
    let Some(site) = Site::for_test() else { return };
    let registry = &site.registry;
    registry.admit(Access::basic("robot", "secret"));
    let login = json!({ "username": "robot", "password": "secret" });
    let logins = json!({ "auths": { format!("127.0.0.1:{}", registry.port()): login } });
    let path = site.host.home.path().join("logins.json");
    fs::write(&path, logins.to_string()).expect("the home can be written to");
    let file = path.to_str().expect("test paths are UTF-8");
    let old = registry.push("web", "1", &site.image);
    // Every start asks the registry: what is run is not just what happens to be here.
    let (_up, ecs) = site.up(&["--image-pull-behavior", "always", "--registry-auth-file", file]);
    let held = serve(&site, &ecs, "held", "enabled");
    let free = serve(&site, &ecs, "free", "disabled");
    let (of_held, of_free) = (runs(&held, &old), runs(&free, &old));
    assert_eq!(established(&ecs, "held"), [json!(old)]);
    assert_eq!(established(&ecs, "free"), [Value::Null]);

    let new = registry.push("web", "1", &site.image.clone().labelled("edition", "2"));
    let by_digest = |digest: &str| {
        let path = format!("/v2/web/manifests/{digest}");
        registry.requests().iter().any(|request| request.path == path)
    };
    let asked = registry.requests().len();
    let task = survives(&site, &held, &of_held, &old);
    let asked_since = registry.requests().split_off(asked);
    let by_tag = |path: &str| path == "/v2/web/manifests/1";
    assert!(by_digest(&old), "{asked_since:?}");
    assert!(!asked_since.iter().any(|request| by_tag(&request.path)), "{asked_since:?}");
    let image = site.registry.name("web:1");
    assert_eq!(task["containers"][0]["image"], image.as_str(), "what its task definition says");
    let made_from = text(&site.host.inspect(&task)["Config"]["Image"]);
    assert_eq!(made_from, format!("{image}@{old}"));
    survives(&site, &free, &of_free, &new);
    assert_eq!(site.digest(&ecs, "web:1"), new, "a task of no service");

    held.update(json!({ "forceNewDeployment": true }));
    let task = runs(&held, &new);
    assert_eq!(established(&ecs, "held"), [json!(new), json!(old)]);
    survives(&site, &held, &task, &new);
    assert!(by_digest(&new));
}
