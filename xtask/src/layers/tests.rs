use super::graph::Graph;
use super::table::Table;
use super::verdict::{Report, judge};

const TABLE: &str = r#"
    [[layer]]
    name = "words"
    crates = ["model"]
    never = ["tokio"]

    [[layer]]
    name = "contracts"
    crates = ["api", "protocol"]

    [[layer]]
    name = "services"
    crates = ["ecs", "iam"]
    never = ["api"]

    [[layer]]
    name = "test only"
    crates = ["sim"]
    dependents = false

    [[exception]]
    from = "protocol"
    to = "api"
    why = "codecs read schemas"
"#;

/// A world from lines such as `ecs: model, tokio; dev sim`.
fn judged(world: &str) -> Report {
    judged_by(TABLE, world)
}

fn judged_by(table: &str, world: &str) -> Report {
    let packages = world.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
        let (name, dependencies) = line.split_once(':').expect("a line is `name: dependencies`");
        let dependencies = dependencies.split([',', ';']).map(str::trim).filter(|d| !d.is_empty());
        let dependencies: Vec<_> = dependencies
            .map(|text| match text.split_once(' ') {
                Some((kind, name)) => serde_json::json!({"name": name, "kind": kind}),
                None => serde_json::json!({"name": text, "kind": null}),
            })
            .collect();
        serde_json::json!({"name": name, "dependencies": dependencies})
    });
    let packages: Vec<_> = packages.collect();
    let metadata = serde_json::json!({ "packages": packages }).to_string();
    let graph = Graph::from_metadata(&metadata).expect("the fixture is metadata");
    judge(&toml::from_str::<Table>(table).expect("the fixture is a table"), &graph)
}

/// The fixture world in which everything is as it should be, with some lines replaced.
fn world(changes: &[(&str, &str)]) -> Report {
    let mut lines =
        vec!["model:", "api: model", "protocol: api", "ecs: protocol", "iam: model", "sim: ecs"];
    for (from, to) in changes {
        lines.retain(|line| line != from);
        lines.push(to);
    }
    judged(&lines.join("\n"))
}

#[test]
fn arrows_to_layers_above_and_exceptions_are_allowed() {
    let report = world(&[]);
    assert_eq!(report.forbidden, Vec::<String>::new());
    let arrow = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(
        report.allowed,
        [
            arrow("api", "model"),
            arrow("ecs", "protocol"),
            arrow("iam", "model"),
            arrow("protocol", "api"),
            arrow("sim", "ecs"),
        ]
    );
}

#[test]
fn an_arrow_downwards_is_forbidden() {
    let report = world(&[("model:", "model: ecs")]);
    assert_eq!(report.forbidden, ["model -> ecs: layer \"services\" lies below layer \"words\""]);
}

#[test]
fn an_arrow_to_a_neighbour_is_forbidden() {
    let report = world(&[("iam: model", "iam: ecs")]);
    assert_eq!(report.forbidden, ["iam -> ecs: both are in layer \"services\""]);
}

#[test]
fn an_exception_holds_in_its_own_direction_only() {
    let report = world(&[("api: model", "api: protocol")]);
    assert_eq!(report.forbidden, ["api -> protocol: both are in layer \"contracts\""]);
}

#[test]
fn what_a_layer_never_has_is_forbidden_even_if_the_order_allows_it() {
    let report = world(&[("iam: model", "iam: api"), ("model:", "model: tokio")]);
    assert_eq!(
        report.forbidden,
        [
            "iam -> api: layer \"services\" never has api",
            "model -> tokio: layer \"words\" never has tokio"
        ]
    );
}

#[test]
fn an_exception_allows_one_crate_what_its_layer_never_has() {
    let table = r#"
        [[layer]]
        name = "words"
        crates = ["model", "policy"]
        never = ["json"]

        [[exception]]
        from = "policy"
        to = "json"
        why = "it is about JSON"
    "#;
    assert!(judged_by(table, "model:\npolicy: json").is_clean());
    let report = judged_by(table, "model: json\npolicy: json");
    assert_eq!(report.forbidden, ["model -> json: layer \"words\" never has json"]);
}

#[test]
fn test_only_crates_have_no_dependents_outside_tests() {
    let report =
        world(&[("iam: model", "iam: model; dev sim"), ("ecs: protocol", "ecs: protocol, sim")]);
    assert_eq!(
        report.forbidden,
        ["ecs -> sim: layer \"test only\" has no dependents outside tests"]
    );
}

#[test]
fn a_crate_without_a_layer_and_a_layer_without_its_crate_are_faults() {
    let report = world(&[("iam: model", "balancing: model")]);
    assert_eq!(
        report.forbidden,
        [
            "balancing has no layer: give it one in layers.toml",
            "iam is in layer \"services\" but not in the workspace",
        ]
    );
}

#[test]
fn an_exception_that_nobody_needs_is_a_fault() {
    let report = world(&[("protocol: api", "protocol: model")]);
    assert_eq!(
        report.forbidden,
        [
            "protocol -> api is excepted (codecs read schemas) but is not drawn: remove the exception"
        ]
    );
}

#[test]
fn the_report_names_each_crate_once_and_counts() {
    let printed = world(&[("iam: model", "iam: model, protocol, ecs")]).to_string();
    assert!(printed.contains("allowed    iam -> model, protocol\n"), "{printed}");
    assert!(
        printed.contains("FORBIDDEN  iam -> ecs: both are in layer \"services\"\n"),
        "{printed}"
    );
    assert!(printed.ends_with("6 arrows allowed, 1 forbidden\n"), "{printed}");
}
