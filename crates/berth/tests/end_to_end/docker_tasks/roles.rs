//! Tasks act in their roles, and have secrets in their execution role's name: with real containers.

use berth_test_server::{Api, Value, json, until};

use super::{container, definition, of_name};
use crate::ecs::{Ecs, host_port, one_container};
use crate::host::Host;

pub const CREDENTIALS: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";

/// A task that passes on what it is asked to its agent, in this role.
pub fn relay(family: &str, role: &str) -> Value {
    let ports = json!([{ "containerPort": 80 }]);
    let command = json!(["relay", "169.254.170.2:80"]);
    let mut relay = one_container(family, json!({ "command": command, "portMappings": ports }));
    relay["taskRoleArn"] = json!(role);
    relay
}

#[track_caller]
pub fn variable(host: &Host, task: &Value, name: &str) -> String {
    let inspected = host.inspect(task);
    let variables = inspected["Config"]["Env"].as_array().expect("a container has variables");
    let prefix = format!("{name}=");
    let found =
        variables.iter().filter_map(Value::as_str).find_map(|one| one.strip_prefix(&prefix));
    found.unwrap_or_else(|| panic!("no {name} in {variables:?}")).to_owned()
}

#[track_caller]
pub fn ask(host: &Host, port: u16, path: &str) -> (u16, Value) {
    let answer = host.engine.http_get(port, path).expect("the agent answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.expect("a status"), serde_json::from_str(body).expect("JSON"))
}

/// Somebody who signs with what a container found.
pub fn as_role(api: &Api, found: &Value) -> Api {
    let text = |name: &str| found[name].as_str().expect("a text").to_owned();
    let mut api = api.clone();
    api.credentials.access_key_id = text("AccessKeyId");
    api.credentials.secret_access_key = text("SecretAccessKey");
    api.credentials.session_token = Some(text("Token"));
    api
}

#[test]
fn a_container_acts_in_its_tasks_role_with_credentials_that_are_renewed() {
    let Some(host) = Host::for_test() else { return };
    let up = host.up_with_variables(&[("BERTH_ROLE_CREDENTIALS", "6s")]);
    let ecs = Ecs::of(&host.home);
    ecs.wait_for_hosts(1);
    let may_list = json!([{ "Effect": "Allow", "Action": "ecs:ListClusters", "Resource": "*" }]);
    let (lister, nobody) =
        (ecs.make_role("lister", &may_list), ecs.make_role("nobody", &json!([])));
    let (one, other) = (ecs.launch(relay("one", &lister)), ecs.launch(relay("other", &nobody)));
    let (path_of_one, path_of_other) =
        (variable(&host, &one, CREDENTIALS), variable(&host, &other, CREDENTIALS));
    assert_ne!(path_of_one, path_of_other);

    let (status, first) = ask(&host, host_port(&one), &path_of_one);
    assert_eq!((status, &first["RoleArn"]), (200, &json!(lister)));
    as_role(&ecs.api, &first).call("ListClusters", json!({}));
    let refusal = as_role(&ecs.api, &first).refused("ListTasks", json!({}));
    assert_eq!(refusal.code, "AccessDeniedException", "{refusal:?}");
    assert!(refusal.message.contains("assumed-role/lister/"), "{refusal:?}");

    let (status, of_other) = ask(&host, host_port(&other), &path_of_other);
    assert_eq!(status, 200, "{of_other}");
    let refusal = as_role(&ecs.api, &of_other).refused("ListClusters", json!({}));
    assert_eq!(refusal.code, "AccessDeniedException", "{refusal:?}");
    // Nobody finds what is another's by a guess.
    for guess in ["/v2/credentials/00000000-0000-0000-0000-000000000000", "/v2/credentials/"] {
        assert_eq!(ask(&host, host_port(&other), guess).0, 400, "{guess}");
    }

    let renewed = until("the credentials are renewed", || {
        // Whoever asks too often is told so, without credentials.
        let (status, found) = ask(&host, host_port(&one), &path_of_one);
        let is_new = status == 200 && found["AccessKeyId"] != first["AccessKeyId"];
        if is_new { Ok(found) } else { Err(format!("{status}: {}", found["Expiration"])) }
    });
    as_role(&ecs.api, &renewed).call("ListClusters", json!({}));
    until("what was given first has expired", || {
        match as_role(&ecs.api, &first).try_call("ListClusters", &json!({})) {
            Err(berth_test_server::CallError::Refused(refusal)) => Ok(refusal),
            other => Err(format!("{other:?}")),
        }
    });
    let log = up.log();
    for secret in [&first["SecretAccessKey"], &renewed["SecretAccessKey"], &renewed["Token"]] {
        assert!(!log.contains(secret.as_str().expect("a text")), "a secret is in the log");
    }
    let shown = ecs.api.call("DescribeTasks", json!({ "tasks": [one["taskArn"]] })).to_string();
    assert!(!shown.contains(&path_of_one["/v2/credentials/".len()..]), "{shown}");
}

#[test]
fn secrets_arrive_in_the_environment_or_the_task_tells_why_not() {
    let Some(host) = Host::for_test() else { return };
    let up = host.up();
    let ecs = Ecs::of(&host.home);
    ecs.wait_for_hosts(1);
    let parameter =
        json!({ "Name": "/shop/token", "Type": "SecureString", "Value": "t0ken-of-the-shop" });
    ecs.api.json("ssm", "AmazonSSM.PutParameter", &parameter);
    let hidden = json!({ "Name": "/shop/hidden", "Type": "SecureString", "Value": "never-seen" });
    ecs.api.json("ssm", "AmazonSSM.PutParameter", &hidden);
    let database = json!({ "Name": "db", "ClientRequestToken": "5b2f4f6e-9d1c-4a7b-8e3f-0c1d2e3f4a5b", "SecretString": r#"{"user": "shop", "password": "pa55-of-the-shop"}"# });
    let database = ecs.api.json("secretsmanager", "secretsmanager.CreateSecret", &database);
    let database = database["ARN"].as_str().expect("it is made").to_owned();
    let role = ecs.make_role("execution", &json!([
        { "Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "arn:aws:ssm:*:*:parameter/shop/token" },
        { "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": database },
    ]));
    let with = |family: &str, secrets: Value| {
        let main = container("main", json!({ "command": ["print-env"], "secrets": secrets }));
        let mut definition = definition(family, json!([main]));
        definition["executionRoleArn"] = json!(role);
        definition
    };
    let task = ecs.run_to_its_end(with(
        "open",
        json!([
            { "name": "TOKEN", "valueFrom": "/shop/token" },
            { "name": "PASSWORD", "valueFrom": format!("{database}:password::") },
        ]),
    ));
    let id = of_name(&task, "main")["runtimeId"].as_str().expect("it was made");
    let printed = host.docker(&["logs", id]);
    let lines: Vec<&str> = printed.lines().collect();
    assert!(lines.contains(&"TOKEN=t0ken-of-the-shop"), "{printed}");
    assert!(lines.contains(&"PASSWORD=pa55-of-the-shop"), "{printed}");

    let start = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ";
    for (family, value_from, reason) in [
        (
            "denied",
            "/shop/hidden".to_owned(),
            "unable to retrieve secrets from ssm: AccessDeniedException: ",
        ),
        (
            "absent",
            format!("{database}:nothing::"),
            "unable to retrieve secret from asm: retrieved secret from Secrets Manager did not contain json key nothing",
        ),
    ] {
        let task =
            ecs.run_to_its_end(with(family, json!([{ "name": "A", "valueFrom": value_from }])));
        assert_eq!(task["stopCode"], "TaskFailedToStart", "{task}");
        let told = task["stoppedReason"].as_str().expect("a reason");
        assert!(told.starts_with(&format!("{start}{reason}")), "{told}");
    }
    let log = up.log();
    for secret in ["t0ken-of-the-shop", "pa55-of-the-shop", "never-seen"] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}
