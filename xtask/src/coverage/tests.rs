use std::collections::BTreeSet;

use super::claims::compare;
use super::deviations::{Deviation, as_prose, in_source};
use super::page::render;
use super::table::{Support, Table};
use super::task_definition::{Proofs, Row, Section};

const TABLE: &str = r#"
    [ecs]
    title = "Amazon ECS"
    [ecs.operations]
    CreateCluster = "supported"
    CreateService = { planned = 4 }
    CreateGateway = "planned"
    RunTask = { supported = "no Fargate" }
    UpdateContainerAgent = { refused = "hosts update it themselves" }
"#;

fn section() -> Section {
    let works = Row::Works { works: Proofs::Several(vec!["a".to_owned(), "b".to_owned()]) };
    let refused = Row::Refused { refused: "no".to_owned() };
    let fields = vec![("family".to_owned(), works), ("volumes[].name".to_owned(), refused)];
    Section { operation: "RegisterTaskDefinition".to_owned(), fields }
}

fn table() -> Table {
    Table::parse(TABLE).expect("the fixture is a table")
}

#[test]
fn a_row_says_how_far_support_goes() {
    let table = table();
    let operations = &table.services["ecs"].operations;
    assert_eq!(operations["CreateCluster"], Support::Supported { note: None });
    assert_eq!(operations["RunTask"], Support::Supported { note: Some("no Fargate".to_owned()) });
    assert_eq!(operations["CreateService"], Support::Planned { issue: Some(4) });
    assert_eq!(operations["CreateGateway"], Support::Planned { issue: None });
    let why = "hosts update it themselves".to_owned();
    assert_eq!(operations["UpdateContainerAgent"], Support::Refused { why });
}

#[test]
fn a_row_that_says_something_else_is_refused_by_name() {
    for support in
        ["\"refused\"", "{ planned = \"soon\" }", "{ planned = 4, refused = \"x\" }", "{}"]
    {
        let text = format!("[ecs]\ntitle = \"ECS\"\noperations = {{ RunTask = {support} }}");
        let error = Table::parse(&text).expect_err(support);
        assert!(format!("{error:#}").starts_with("ecs: RunTask: "), "{support}: {error:#}");
    }
}

#[test]
fn claims_are_held_against_the_model_and_the_sources() {
    let modelled =
        ["CreateCluster", "CreateService", "CreateGateway", "StopTask", "UpdateContainerAgent"];
    let modelled: BTreeSet<String> = modelled.map(str::to_owned).into();
    let implemented = |operation: &str| operation == "CreateService";
    assert_eq!(
        compare("ecs", &table().services["ecs"], &modelled, implemented),
        [
            "ecs: StopTask is in the model but has no row",
            "ecs: CreateCluster is called supported, but operations/create_cluster.rs is missing",
            "ecs: CreateService is implemented, but not called supported",
            "ecs: RunTask has a row but is not in the model",
        ]
    );
}

#[test]
fn a_deviation_is_a_tag_and_the_rest_of_its_paragraph() {
    let source = "\
/// Lists things.
///
/// DEVIATES: ours is newest first,
/// theirs is in no order.
/// AWS: the token is opaque.
fn list() {
    // DEVIATES: no throttling.
    let x = \"DEVIATES: not a comment\";
    // An ordinary comment.

    // DEVIATES: one.
    //
    // Not part of it.
}
";
    assert_eq!(
        in_source(source),
        ["ours is newest first, theirs is in no order.", "no throttling.", "one."]
    );
}

#[test]
fn a_comment_becomes_prose() {
    assert_eq!(as_prose("a list is sorted, see [`order`]."), "A list is sorted, see `order`.");
    assert_eq!(as_prose(""), "");
}

#[test]
fn the_page_lists_every_operation_field_and_deviation() {
    let deviation =
        Deviation { path: "crates/x.rs".to_owned(), text: "Ours is faster.".to_owned() };
    let page = render(&table(), &[section()], &[deviation]);
    assert!(page.contains("\n## Amazon ECS\n\n2 of 5 operations are supported.\n"), "{page}");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    assert_eq!(
        rows,
        [
            "| Operation | |",
            "| CreateCluster | supported |",
            "| CreateGateway | planned |",
            "| CreateService | planned (issue 4) |",
            "| RunTask | supported: no Fargate |",
            "| UpdateContainerAgent | refused: hosts update it themselves |",
            "| Field | | Proof |",
            "| `family` | works | `a`, `b` |",
            "| `volumes[].name` | refused: no |  |",
        ]
    );
    assert!(page.ends_with("- Ours is faster. ([source](../crates/x.rs))\n"), "{page}");
}

#[test]
fn a_page_without_deviations_says_so() {
    assert!(render(&table(), &[], &[]).ends_with("Nowhere that we know of.\n"));
}
