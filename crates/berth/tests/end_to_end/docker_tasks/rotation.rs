//! A secret is rotated by tasks: real containers, which act in their own role.

use berth_test_server::{Value, json, until};

use super::host_and_ecs;
use super::roles::{CREDENTIALS, as_role, ask, relay, variable};
use crate::ecs::{Ecs, host_port};
use crate::host::runtime_id;

const FIRST: &str = "5b2f4f6e-9d1c-4a7b-8e3f-0c1d2e3f4a5b";
const SECOND: &str = "6c3f4f6e-9d1c-4a7b-8e3f-0c1d2e3f4a5c";

/// The task that does a step, once it runs.
fn task_of(ecs: &Ecs, known: &[Value]) -> Value {
    until("the next step has a task that runs", || {
        let running = json!({ "family": "rotator", "desiredStatus": "RUNNING" });
        let listed = ecs.api.call("ListTasks", running);
        let arns = listed["taskArns"].as_array().expect("a list");
        let Some(arn) = arns.iter().find(|arn| !known.contains(arn)) else {
            return Err(listed.to_string());
        };
        let task = ecs.task(arn.as_str().expect("a text"));
        if task["lastStatus"] == "RUNNING" { Ok(task) } else { Err(task.to_string()) }
    })
}

#[test]
fn a_secret_is_rotated_by_four_tasks_in_their_own_role() {
    let Some((host, up, ecs)) = host_and_ecs() else { return };
    let call = |name: &str, input: &Value| {
        ecs.api.json("secretsmanager", &format!("secretsmanager.{name}"), input)
    };
    let secret = json!({ "Name": "db", "ClientRequestToken": FIRST, "SecretString": "old-pa55" });
    let secret = call("CreateSecret", &secret)["ARN"].clone();
    let role = ecs.make_role(
        "rotator",
        &json!([
            { "Effect": "Allow", "Action": "secretsmanager:*", "Resource": secret },
        ]),
    );
    let definition = ecs.register(relay("rotator", &role));
    let rotate = json!({
        "SecretId": "db", "ClientRequestToken": SECOND, "RotationLambdaARN": definition,
        "RotationRules": { "ScheduleExpression": "cron(0 3 ? * SUN *)" },
    });
    assert_eq!(call("RotateSecret", &rotate)["VersionId"], SECOND);

    let mut known = Vec::new();
    for step in ["createSecret", "setSecret", "testSecret", "finishSecret"] {
        let task = task_of(&ecs, &known);
        assert!(task["startedBy"].as_str().is_some_and(|by| by.starts_with("secretsmanager/")));
        assert_eq!(variable(&host, &task, "STEP"), step);
        let id = json!(variable(&host, &task, "SECRET_ID"));
        let token = json!(variable(&host, &task, "CLIENT_REQUEST_TOKEN"));
        assert_eq!((&id, &token), (&secret, &json!(SECOND)));
        let path = variable(&host, &task, CREDENTIALS);
        let (status, found) = ask(&host, host_port(&task), &path);
        assert_eq!(status, 200, "{found}");
        let rotator = as_role(&ecs.api, &found);
        let as_rotator = |name: &str, input: &Value| {
            rotator.json("secretsmanager", &format!("secretsmanager.{name}"), input)
        };
        match step {
            "createSecret" => as_rotator(
                "PutSecretValue",
                &json!({
                    "SecretId": id, "ClientRequestToken": token, "SecretString": "new-pa55",
                    "VersionStages": ["AWSPENDING"],
                }),
            ),
            "finishSecret" => as_rotator(
                "UpdateSecretVersionStage",
                &json!({
                    "SecretId": id, "VersionStage": "AWSCURRENT", "MoveToVersionId": token,
                    "RemoveFromVersionId": FIRST,
                }),
            ),
            _ => as_rotator(
                "GetSecretValue",
                &json!({ "SecretId": id, "VersionStage": "AWSPENDING" }),
            ),
        };
        // It ends by itself, with 0.
        host.docker(&["kill", "--signal", "TERM", runtime_id(&task)]);
        known.push(task["taskArn"].clone());
    }
    let described = until("the rotation is over", || {
        let described = call("DescribeSecret", &json!({ "SecretId": "db" }));
        if described["LastRotatedDate"].is_null() {
            Err(described.to_string())
        } else {
            Ok(described)
        }
    });
    assert_eq!(described["VersionIdsToStages"][SECOND][0], "AWSCURRENT");
    assert_eq!(described["VersionIdsToStages"][FIRST], json!(["AWSPREVIOUS"]));
    assert!(described["NextRotationDate"].is_number(), "{described}");
    let value = call("GetSecretValue", &json!({ "SecretId": "db" }));
    assert_eq!(value["SecretString"], "new-pa55");
    let log = up.log();
    assert!(log.contains("secret rotated") && !log.contains("new-pa55"), "{log}");
}
