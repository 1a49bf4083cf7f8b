use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;

use super::{Edit, plan};
use crate::codegen::model::Model;

const MODEL: &str = r#"{
    "metadata": {"protocols": ["json"]},
    "operations": {
        "DescribeThings": {
            "http": {"method": "POST", "requestUri": "/"},
            "input": {"shape": "DescribeThingsRequest"},
            "output": {"shape": "DescribeThingsResponse"},
            "errors": [{"shape": "ClientException"}, {"shape": "ThingNotFoundException"}]
        }
    },
    "shapes": {
        "DescribeThingsRequest": {
            "type": "structure",
            "required": ["things"],
            "members": {"things": {"shape": "S"}, "maxResults": {"shape": "S"}}
        },
        "S": {"type": "string"}
    }
}"#;

const OPERATIONS: &str =
    "//! One file each.\n\npub mod create_thing;\npub mod list_things;\n\nmod input;\n";

const SERVICE: &str = "\
        ServiceBuilder::new(self.clone())
            .operation::<ops::CreateThing, _, _>(create_thing::create_thing)
            .operation::<ops::DeleteThing, _, _>(
                delete_thing::delete_thing,
            )
            .websocket(\"/ws\", open)
";

const COVERAGE: &str = "[ecs]\ntitle = \"ECS\"\n\n[ecs.operations]\nDescribeThings = { planned = 4 }\n\n[x.operations]\nDescribeThings = \"planned\"\n";

fn planned(operation: &str) -> anyhow::Result<Vec<Edit>> {
    let files = BTreeMap::from([
        ("crates/services/ecs/src/operations.rs", OPERATIONS),
        ("crates/services/ecs/src/service.rs", SERVICE),
        ("models/coverage.toml", COVERAGE),
    ]);
    let read = |path: &Path| {
        let path = path.to_str().context("text")?;
        files.get(path).map(|text| (*text).to_owned()).with_context(|| format!("no {path}"))
    };
    plan("ecs", operation, &Model::parse(MODEL.as_bytes())?, read)
}

fn text(path: &str) -> String {
    let edits = planned("DescribeThings").expect("it can be planned");
    let edit = edits.into_iter().find(|edit| edit.path == Path::new(path));
    edit.unwrap_or_else(|| panic!("no edit of {path}")).text
}

#[test]
fn the_new_file_names_every_field_and_error_and_does_not_compile() {
    let source = text("crates/services/ecs/src/operations/describe_things.rs");
    for part in [
        "pub async fn describe_things(\n    ecs: Arc<Ecs>,\n    call: Call,\n    input: api::DescribeThingsRequest,\n",
        "-> Result<api::DescribeThingsResponse, Failure<api::Error>> {",
        "let api::DescribeThingsRequest { things, max_results } = input;",
        "compile_error!(\"DescribeThings is not written yet; its errors: ClientException, ThingNotFoundException\");",
    ] {
        assert!(source.contains(part), "{part} is not in\n{source}");
    }
}

#[test]
fn the_golden_test_begins_with_what_is_required() {
    assert_eq!(
        text("crates/services/ecs/tests/golden/describe_things.txt"),
        "# DescribeThings: say here what this file shows.\n\n### DescribeThings\n{\"things\": null}\n"
    );
}

#[test]
fn it_is_declared_in_the_order_of_names() {
    assert_eq!(
        text("crates/services/ecs/src/operations.rs"),
        "//! One file each.\n\npub mod create_thing;\npub mod describe_things;\npub mod list_things;\n\nmod input;\n"
    );
}

#[test]
fn it_is_registered_after_an_entry_of_several_lines() {
    assert_eq!(
        text("crates/services/ecs/src/service.rs"),
        SERVICE.replace(
            "            .websocket",
            ".operation::<ops::DescribeThings, _, _>(describe_things::describe_things)\n            .websocket"
        )
    );
}

#[test]
fn it_is_called_supported_in_its_own_service() {
    assert_eq!(
        text("models/coverage.toml"),
        COVERAGE.replace("DescribeThings = { planned = 4 }", "DescribeThings = \"supported\"")
    );
}

#[test]
fn an_operation_that_the_model_lacks_is_refused() {
    let error = planned("DescribeTrees").expect_err("no such operation");
    assert_eq!(error.to_string(), "models/ecs.json has no operation DescribeTrees");
}
