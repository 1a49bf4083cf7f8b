//! New revisions on a real host: one that is good, one whose image there is not.

use berth_test_server::{Value, json};

use super::service::Service;
use crate::ecs::{Ecs, one_container, text};
use crate::host::Host;

/// Healthy as soon as the engine has looked once.
fn healthy(version: &str) -> Value {
    let check = json!({ "command": ["CMD", "/demo-web", "exit", "0"], "interval": 5 });
    let environment = json!([{ "name": "VERSION", "value": version }]);
    one_container("web", json!({ "healthCheck": check, "environment": environment }))
}

#[track_caller]
fn primary(service: &Value) -> &Value {
    let deployments = service["deployments"].as_array().expect("a list");
    let found = deployments.iter().find(|deployment| deployment["status"] == "PRIMARY");
    found.unwrap_or_else(|| panic!("no primary deployment: {service}"))
}

/// The service has come to rest with this revision.
fn rests_with(service: &Value, definition: &str) -> bool {
    let primary = primary(service);
    primary["taskDefinition"] == definition
        && primary["rolloutState"] == "COMPLETED"
        && service["deployments"].as_array().is_some_and(|deployments| deployments.len() == 1)
}

#[test]
fn a_good_revision_replaces_the_old_one_and_a_bad_image_goes_back() {
    let Some(host) = Host::for_test() else { return };
    let _up = host.up();
    let ecs = Ecs::of(&host.home);
    ecs.wait_for_hosts(1);
    let first = ecs.register(healthy("first"));
    let breaker = json!({ "deploymentCircuitBreaker": { "enable": true, "rollback": true } });
    let wanted =
        json!({ "taskDefinition": first, "desiredCount": 2, "deploymentConfiguration": breaker });
    let service = Service::create(&ecs, "web", wanted);
    service.wait("the first revision is there", |service| rests_with(service, &first));

    let second = ecs.register(healthy("second"));
    service.update(json!({ "taskDefinition": second }));
    service.wait("the second revision is there", |service| rests_with(service, &second));
    let before = service.wait_running(2);
    assert!(before.iter().all(|task| task["taskDefinitionArn"] == second), "{before:?}");

    let bad = ecs.register(one_container("web", json!({ "image": "127.0.0.1:1/none:1" })));
    service.update(json!({ "taskDefinition": bad }));
    let words = "deployment failed: tasks failed to start.";
    service.wait("the bad revision has failed", |service| service.to_string().contains(words));
    let back = service.wait("the second one is back", |service| rests_with(service, &second));
    assert_eq!(back["taskDefinition"], second);
    let arns = |tasks: &[Value]| -> Vec<String> {
        let mut arns: Vec<String> = tasks.iter().map(|task| text(&task["taskArn"])).collect();
        arns.sort_unstable();
        arns
    };
    assert_eq!(arns(&service.wait_running(2)), arns(&before), "the good ones were never touched");
    let messages = service.messages();
    let went_back = |message: &String| message.contains("rolling back to deployment ecs-svc/");
    assert!(messages.iter().any(went_back), "{messages:#?}");
    let listed = ecs.api.call("ListServiceDeployments", json!({ "service": "web" }));
    let deployments = listed["serviceDeployments"].as_array().expect("a list").iter();
    let statuses: Vec<String> = deployments.map(|one| text(&one["status"])).collect();
    assert_eq!(statuses, ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL"], "the newest first");

    ecs.api.call("DeleteService", json!({ "service": "web", "force": true }));
    service.wait("the service is gone", |service| service["status"] == "INACTIVE");
    assert_eq!(service.tasks(), Vec::<Value>::new());
}
