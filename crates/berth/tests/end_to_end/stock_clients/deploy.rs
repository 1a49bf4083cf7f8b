//! What a pipeline does to bring out a new version, as the deployment actions of CI systems do it with AWS's CLI: the task
//! definition as it is described is registered again with another image, the service gets it, and the CLI's waiter waits.

use berth_test_server::{Value, json};

use super::{Cli, has_cli};
use crate::ecs::{Ecs, text};
use crate::host::home;

/// What was described, as far as it can be registered: the rest is the server's to say.
fn again(aws: &Cli<'_>, described: &Value) -> Value {
    let skeleton = aws.answers(&["register-task-definition", "--generate-cli-skeleton", "input"]);
    let mut definition = described.as_object().expect("an object").clone();
    definition.retain(|name, _| skeleton.get(name).is_some());
    Value::Object(definition)
}

#[test]
fn a_pipeline_brings_out_a_new_version() {
    if !has_cli() {
        return;
    }
    let home = home();
    let quickly = ["--runtime", "fake", "--task-warm-up", "1s"];
    let _up = home.serving("up").args(&quickly).start();
    Ecs::of(&home).wait_for_hosts(1);
    let aws = Cli(&home);
    let containers = json!([{
        "name": "web", "image": "shop/web:1", "memory": 16, "essential": true,
        "environment": [{ "name": "MODE", "value": "production" }],
        "portMappings": [{ "containerPort": 80, "hostPort": 0, "protocol": "tcp" }],
        "ulimits": [{ "name": "nofile", "softLimit": 1024, "hardLimit": 2048 }],
    }]);
    let containers = containers.to_string();
    aws.answers(&[
        "register-task-definition",
        "--family",
        "web",
        "--container-definitions",
        &containers,
    ]);
    let service = ["--service-name", "web", "--task-definition", "web", "--desired-count", "2"];
    aws.answers(&[&["create-service"][..], &service].concat());
    aws.prints(&["wait", "services-stable", "--services", "web"]);

    let described = aws.answers(&["describe-task-definition", "--task-definition", "web"]);
    let before = &described["taskDefinition"];
    let mut definition = again(&aws, before);
    definition["containerDefinitions"][0]["image"] = json!("shop/web:2");
    let file = home.path().join("task-definition.json");
    std::fs::write(&file, definition.to_string()).expect("the home can be written to");
    let input = format!("file://{}", file.display());
    let registered = aws.answers(&["register-task-definition", "--cli-input-json", &input]);
    let after = &registered["taskDefinition"];
    assert_eq!(after["revision"], 2);
    // Nothing was lost on the way but what was changed.
    let mut expected = again(&aws, before);
    expected["containerDefinitions"][0]["image"] = json!("shop/web:2");
    assert_eq!(again(&aws, after), expected);

    let revision = text(&after["taskDefinitionArn"]);
    let updated =
        aws.answers(&["update-service", "--service", "web", "--task-definition", &revision]);
    assert_eq!(updated["service"]["taskDefinition"], json!(revision));
    assert_eq!(updated["service"]["deployments"].as_array().map(Vec::len), Some(2));
    aws.prints(&["wait", "services-stable", "--services", "web"]);
    let stable = aws.answers(&["describe-services", "--services", "web"]);
    let service = &stable["services"][0];
    assert_eq!(service["deployments"].as_array().map(Vec::len), Some(1), "{service}");
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(service["runningCount"], 2);
    let listed = aws.answers(&["list-tasks", "--service-name", "web"]);
    for task in listed["taskArns"].as_array().expect("a list") {
        let described = aws.answers(&["describe-tasks", "--tasks", &text(task)]);
        let task = &described["tasks"][0];
        assert_eq!(task["taskDefinitionArn"], json!(revision));
        assert_eq!(task["containers"][0]["image"], "shop/web:2");
    }

    let told = aws.is_refused(&["delete-service", "--service", "web"]);
    assert!(told.contains("(InvalidParameterException)"), "{told}");
    aws.answers(&["update-service", "--service", "web", "--desired-count", "0"]);
    aws.prints(&["wait", "services-stable", "--services", "web"]);
    aws.answers(&["delete-service", "--service", "web"]);
    aws.prints(&["wait", "services-inactive", "--services", "web"]);
    let gone = aws.answers(&["describe-services", "--services", "web"]);
    assert_eq!(gone["services"][0]["status"], "INACTIVE");
}
