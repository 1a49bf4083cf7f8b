//! A task definition with every parameter that this kind of host can have, there and back again by `--cli-input-json`.

use berth_test_server::Value;

use super::{Cli, has_cli};
use crate::host::home;

/// Two containers, so that one can need the other.
const DEFINITION: &str = include_str!("everything.json");

/// Whatever was registered is in the answer: members and values, lists item by item.
#[track_caller]
fn assert_contains(answer: &Value, registered: &Value, path: &str) {
    match registered {
        Value::Object(members) => {
            for (name, value) in members {
                assert_contains(&answer[name], value, &format!("{path}.{name}"));
            }
        }
        Value::Array(items) => {
            assert_eq!(answer.as_array().map(Vec::len), Some(items.len()), "{path}: {answer}");
            for (index, item) in items.iter().enumerate() {
                assert_contains(&answer[index], item, &format!("{path}[{index}]"));
            }
        }
        scalar => assert_eq!(answer, scalar, "{path}"),
    }
}

#[test]
fn a_definition_with_every_parameter_comes_back_as_it_was() {
    if !has_cli() {
        return;
    }
    let home = home();
    let _server = home.server();
    let aws = Cli(&home);
    let file = home.path().join("everything.json");
    std::fs::write(&file, DEFINITION).expect("the home can be written to");
    let input = format!("file://{}", file.display());
    let registered = aws.answers(&["register-task-definition", "--cli-input-json", &input]);
    let described = aws.answers(&[
        "describe-task-definition",
        "--task-definition",
        "everything",
        "--include",
        "TAGS",
    ]);
    assert_eq!(described["taskDefinition"], registered["taskDefinition"]);

    let mut expected: Value = serde_json::from_str(DEFINITION).expect("it is JSON");
    let tags = expected.as_object_mut().expect("an object").remove("tags").expect("it has tags");
    assert_eq!(described["tags"], tags);
    assert_contains(&described["taskDefinition"], &expected, "taskDefinition");
    assert_eq!(described["taskDefinition"]["status"], "ACTIVE");

    // Nobody has made its roles, and so nothing starts.
    let refused =
        aws.is_refused(&["run-task", "--task-definition", "everything", "--cluster", "default"]);
    assert!(refused.contains("(ClusterNotFoundException)"), "{refused}");
    aws.answers(&["create-cluster"]);
    let refused = aws.is_refused(&["run-task", "--task-definition", "everything"]);
    assert!(refused.contains("ECS was unable to assume the role"), "{refused}");
}
