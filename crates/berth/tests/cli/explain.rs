//! `berth explain`, of a real server and its real host.

use berth_test_server::{Api, Home, Value, json, until};

use crate::home;

fn explained(home: &Home, arguments: &[&str]) -> String {
    let output = home.command(&[&["explain"], arguments].concat()).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn answered(home: &Home, arguments: &[&str]) -> Value {
    let text = explained(home, &[arguments, &["--json"]].concat());
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("`{text}` is not JSON"))
}

fn run(api: &Api) -> Value {
    let strategy = json!([{ "type": "binpack", "field": "memory" }]);
    until("a task is placed", || {
        let input = json!({ "taskDefinition": "web", "placementStrategy": strategy });
        match api.try_call("RunTask", &input) {
            Ok(answer) if answer["failures"] == json!([]) => Ok(answer["tasks"][0].clone()),
            other => Err(format!("{other:?}")),
        }
    })
}

#[test]
fn a_task_and_a_dry_run_are_explained() {
    let home = home();
    let up = home.up("fake");
    let api = home.api();
    let container = json!({ "name": "web", "image": "web", "memory": 64 });
    let definition = json!({ "family": "web", "containerDefinitions": [container] });
    api.call("RegisterTaskDefinition", definition);
    let task = run(&api);
    let arn = task["taskArn"].as_str().expect("a task has an ARN");

    let told = answered(&home, &["--task", arn]);
    let instance = &task["containerInstanceArn"];
    assert_eq!(told["task"]["containerInstance"]["containerInstanceArn"], *instance);
    assert_eq!(told["task"]["decision"]["standings"][0]["strategy"], "binpack(memory)");
    assert_eq!(told["candidates"][0]["rank"], 1);
    let text = explained(&home, &["--task", arn]);
    assert!(
        text.contains("as task 1 of 1 of its run, when 1 of 1 instances could take one"),
        "{text}"
    );

    let dry = ["--task-definition", "web", "--count", "2", "--constraint", "distinctInstance"];
    let told = answered(&home, &dry);
    assert_eq!(told["candidates"][0]["detail"], "a task of family:web is here already");
    assert_eq!(told["unplaced"], 2);
    let told = answered(&home, &["--task-definition", "web", "--group", "other", "--count", "2"]);
    assert_eq!(
        (&told["unplaced"], told["placements"].as_array().map(Vec::len)),
        (&json!(0), Some(2))
    );
    assert_eq!(api.call("ListTasks", json!({}))["taskArns"], json!([arn]), "nothing was run");

    up.kill();
    let _up = home.up("fake");
    let text = explained(&home, &["--task", arn]);
    assert!(text.contains("why there is not known any more"), "{text}");
}

#[test]
fn a_service_is_explained_with_what_it_cannot_place() {
    let home = home();
    let _up = home.up("fake");
    let api = home.api();
    let port = json!([{ "containerPort": 80, "hostPort": 8080 }]);
    let container = json!({ "name": "web", "image": "web", "memory": 64, "portMappings": port });
    let definition = json!({ "family": "web", "containerDefinitions": [container] });
    api.call("RegisterTaskDefinition", definition);
    let service = json!({ "serviceName": "web", "taskDefinition": "web", "desiredCount": 2 });
    api.call("CreateService", service);
    let told = until("one task has the port and the other one has none", || {
        let told = answered(&home, &["--service", "web"]);
        let placed = told["service"]["tasks"].as_array().map(Vec::len) == Some(1);
        if placed && told["service"]["unplaced"][0]["tasks"] == 1 { Ok(told) } else { Err(told) }
    });
    assert_eq!(told["candidates"][0]["detail"], "TCP port 8080 is taken");
    let standings = &told["service"]["tasks"][0]["standings"];
    assert_eq!(standings[0]["strategy"], "spread(attribute:ecs.availability-zone)");
    let text = explained(&home, &["--service", "web"]);
    assert!(text.starts_with("Service web is ACTIVE and has 1 tasks of 2"), "{text}");
    assert!(text.contains("found no place: "), "{text}");
}

#[test]
fn what_cannot_be_explained_is_refused() {
    let home = home();
    let _up = home.up("none");
    for (arguments, code, part) in [
        (vec!["explain"], 2, "--task"),
        (vec!["explain", "--task", "short"], 2, "32,36"),
        (vec!["explain", "--task-definition", "a", "--strategy", "best"], 2, "`best`"),
        (vec!["explain", "--task-definition", "a"], 1, "TaskDefinition not found"),
    ] {
        let output = home.command(&arguments).output().expect("the binary runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(part), "{said}");
    }
}
