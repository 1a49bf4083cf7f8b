use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::config::{Config, Service};
use super::emit;
use super::files::Tree;
use super::model::{Model, ShapeRef};
use crate::workspace::Workspace;

/// A model around these shapes, with one operation that takes the first of them.
fn model(input: &str, shapes: &str) -> Model {
    let text = format!(
        r#"{{
            "version": "2.0", "documentation": "<p>prose</p>",
            "metadata": {{"apiVersion": "1", "endpointPrefix": "tiny", "serviceId": "Tiny", "protocols": ["json"]}},
            "operations": {{"Do": {{"name": "Do", "documentation": "<p>prose</p>", "input": {{"shape": "{input}"}}}}}},
            "shapes": {{{shapes}, "Unused": {{"type": "string"}}}}
        }}"#
    );
    Model::parse(text.as_bytes()).expect("the test's model is in order")
}

fn emitted(input: &str, shapes: &str) -> anyhow::Result<String> {
    let files = emit::service("tiny", &Service::default(), model(input, shapes))?;
    Ok(files.into_values().collect())
}

fn refusal(input: &str, shapes: &str) -> String {
    format!("{:#}", emitted(input, shapes).expect_err("the model cannot be generated"))
}

fn models() -> Vec<(PathBuf, String)> {
    let folder = Workspace::here().path("models");
    let entries = fs::read_dir(folder).expect("models/ can be listed");
    let paths = entries.map(|entry| entry.expect("models/ can be listed").path());
    let models = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    models.map(|path| (path.clone(), fs::read_to_string(&path).expect("a model is text"))).collect()
}

#[test]
fn kept_models_have_no_prose() {
    fn look(path: &str, value: &Value) {
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    assert!(key != "documentation" && key != "examples", "{path} has {key}");
                    look(&format!("{path}.{key}"), value);
                }
            }
            Value::String(text) => assert!(!text.contains("<p>"), "{path} has prose: {text}"),
            Value::Array(entries) => entries.iter().for_each(|entry| look(path, entry)),
            _ => {}
        }
    }
    let models = models();
    assert!(models.len() >= 7, "only {} models", models.len());
    for (path, text) in models {
        let value = serde_json::from_str(&text).expect("a model is JSON");
        look(&path.display().to_string(), &value);
    }
}

#[test]
fn kept_models_are_in_the_layout_that_update_writes() {
    for (path, text) in models() {
        let again =
            Model::parse(text.as_bytes()).and_then(|model| model.render()).expect("it is valid");
        assert!(again == text, "{} is laid out differently", path.display());
    }
}

#[test]
fn each_configured_service_is_a_feature() {
    let workspace = Workspace::here();
    let config =
        Config::read(&workspace.path("models/services.toml")).expect("services.toml is valid");
    let manifest = workspace.read("crates/aws-api/Cargo.toml").expect("the crate has a manifest");
    let manifest: toml::Table = toml::from_str(&manifest).expect("the manifest is TOML");
    for service in config.services.keys() {
        assert!(manifest["features"].get(service).is_some(), "no feature {service}");
    }
}

#[test]
fn reading_drops_prose_and_refuses_unknown_traits() {
    let model = model(
        "In",
        r#""In": {"type": "structure", "documentation": "<p>prose</p>",
            "members": {"A": {"shape": "S", "documentation": "<p>prose</p>"}}}, "S": {"type": "string"}"#,
    );
    let rendered = model.render().expect("the model is valid");
    assert!(!rendered.contains("prose"), "{rendered}");
    assert!(rendered.contains(r#""A":{"shape":"S"}"#), "{rendered}");

    let unknown = rendered.replace(r#""A":{"shape":"S"}"#, r#""A":{"shape":"S","hostLabel":true}"#);
    let error =
        Model::parse(unknown.as_bytes()).expect_err("`hostLabel` is not supported").to_string();
    assert!(error.contains("hostLabel"), "{error}");
}

#[test]
fn only_what_is_reached_is_emitted() {
    let text = emitted(
        "In",
        r#""In": {"type": "structure", "members": {"A": {"shape": "Names"}}},
           "Names": {"type": "list", "member": {"shape": "Name"}, "max": 3},
           "Name": {"type": "string", "enum": ["a-b"]},
           "Lonely": {"type": "structure", "members": {}}"#,
    )
    .expect("the model is valid");
    assert!(text.contains("pub a: Option<Vec<Name>>"), "{text}");
    assert!(text.contains("Shape::list(\"Names\", &NAME).at_most(3)"), "{text}");
    assert!(text.contains("AB \"a-b\""), "{text}");
    assert!(!text.contains("Lonely"), "{text}");
}

#[test]
fn structures_that_contain_themselves_are_boxed() {
    let text = emitted(
        "A",
        r#""A": {"type": "structure", "members": {"b": {"shape": "B"}, "c": {"shape": "C"}}},
           "B": {"type": "structure", "members": {"a": {"shape": "A"}, "many": {"shape": "As"}}},
           "C": {"type": "structure", "members": {}},
           "As": {"type": "list", "member": {"shape": "A"}}"#,
    )
    .expect("the model is valid");
    for field in ["b: Option<Box<B>>", "c: Option<C>", "a: Option<Box<A>>", "many: Option<Vec<A>>"]
    {
        assert!(text.contains(field), "{field} is not in {text}");
    }
}

#[test]
fn names_that_meet_are_kept_apart() {
    let text = emitted(
        "In",
        r#""In": {"type": "structure", "members": {
                "Thing": {"shape": "thing"}, "thing": {"shape": "Thing"}, "type": {"shape": "Error"}}},
           "thing": {"type": "structure", "members": {}},
           "Thing": {"type": "string", "enum": ["up", "UP", "Unknown"]},
           "Error": {"type": "structure", "members": {}}"#,
    )
    .expect("the model is valid");
    for line in [
        "pub thing: Option<Thing>",
        "pub thing2: Option<Thing2>",
        "pub r#type: Option<ErrorType>",
        "Up \"up\"",
        "Up2 \"UP\"",
        "UnknownValue \"Unknown\"",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}

#[test]
fn what_cannot_be_generated_is_refused_by_name() {
    for (shape, expected) in [
        (r#"{"type": "string", "pattern": "(?!aws)"}"#, "A has a pattern that Rust cannot compile"),
        (r#"{"type": "double", "min": 0.5}"#, "A has a bound that is no whole number: 0.5"),
        (r#"{"type": "bigdecimal"}"#, "A is of a type that is not supported: bigdecimal"),
        (
            r#"{"type": "list", "member": {"shape": "A"}}"#,
            "A is a list or map that contains only itself",
        ),
        (r#"{"type": "timestamp", "timestampFormat": "roman"}"#, "not supported: roman"),
        (r#"{"type": "list", "member": {"shape": "Gone"}}"#, "the model has no shape Gone"),
    ] {
        let shapes = format!(
            r#""In": {{"type": "structure", "members": {{"a": {{"shape": "A"}}}}}}, "A": {shape}"#
        );
        let error = refusal("In", &shapes);
        assert!(error.contains(expected), "{error}");
    }
    let location = r#""In": {"type": "structure", "members": {"a": {"shape": "A", "location": "moon"}}}, "A": {"type": "string"}"#;
    assert!(refusal("In", location).contains("a has a location that is not supported: moon"));
}

#[test]
fn a_configuration_can_add_errors_and_choose_operations() {
    let shapes = r#""In": {"type": "structure", "members": {}}"#;
    let config = Service {
        validation_error: "Wrong.Value".to_owned(),
        further_errors: vec!["Wrong.Value".to_owned()],
        ..Service::default()
    };
    let files = emit::service("tiny", &config, model("In", shapes)).expect("the model is valid");
    let errors = &files[&PathBuf::from("generated/tiny/errors.rs")];
    assert!(errors.contains(r#"Shape::structure("Wrong.Value""#), "{errors}");
    assert!(errors.contains(r#"validation "Wrong.Value" as wrong_value"#), "{errors}");

    let config = Service { error_messages: true, ..config };
    let silent = r#""In": {"type": "structure", "members": {}}, "Gone": {"type": "structure", "members": {}, "exception": true}"#;
    let mut silent = model("In", silent);
    silent.operations.0[0].1.errors.push(ShapeRef::to("Gone"));
    let files = emit::service("tiny", &config, silent).expect("the model is valid");
    let errors = &files[&PathBuf::from("generated/tiny/errors.rs")];
    assert!(errors.contains("Gone gone GONE_ERROR [message]"), "{errors}");

    let of = |structure: &str| Service {
        validation_error: "Wrong.Value".to_owned(),
        further_errors: vec!["Wrong.Value".to_owned()],
        further_members: [(structure.to_owned(), [("token".to_owned(), "In".to_owned())].into())]
            .into(),
        ..Service::default()
    };
    let files = emit::service("tiny", &of("In"), model("In", shapes)).expect("the model is valid");
    let structures = &files[&PathBuf::from("generated/tiny/structures/i.rs")];
    assert!(structures.contains("token"), "{structures}");
    let error =
        emit::service("tiny", &of("Out"), model("In", shapes)).expect_err("no such structure");
    assert!(error.to_string().contains("the model has no structure Out"), "{error}");

    let config = Service { operations: Some(vec!["Undo".to_owned()]), ..Service::default() };
    let error = emit::service("tiny", &config, model("In", shapes))
        .expect_err("there is no such operation");
    assert!(error.to_string().contains("the model has no operation Undo"), "{error}");
}

#[test]
fn comparing_names_what_differs_and_writing_settles_it() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = |path: &str, text: &str| BTreeMap::from([(PathBuf::from(path), text.to_owned())]);
    let mut tree = Tree::new(folder.path().to_path_buf());
    tree.add(file("generated/a.rs", "struct A;\n"));
    tree.add(file("generated/b/c.rs", "struct C;\n"));
    let error = tree.compare().expect_err("nothing is written yet").to_string();
    assert!(error.contains("generated/a.rs, generated/b/c.rs"), "{error}");

    tree.write().expect("the folder is ours");
    fs::write(folder.path().join("generated/b/stale.rs"), "").expect("the folder is ours");
    fs::write(folder.path().join("generated/a.rs"), "struct Edited;\n")
        .expect("the folder is ours");
    let error = tree.compare().expect_err("one is stale, one is edited").to_string();
    assert!(error.ends_with("generated/a.rs, generated/b/stale.rs"), "{error}");

    tree.write().expect("the folder is ours");
    tree.compare().expect("all is as it should be");
    assert!(!folder.path().join("generated/b/stale.rs").exists());
}
