use super::*;

const MODEL: &str = r#"{
    "metadata": {},
    "operations": {},
    "shapes": {
        "Request": {"type": "structure", "members": {
            "family": {"shape": "String"}, "containers": {"shape": "Containers"}, "labels": {"shape": "Labels"}
        }},
        "Containers": {"type": "list", "member": {"shape": "Container"}},
        "Container": {"type": "structure", "members": {
            "command": {"shape": "Strings"}, "linux": {"shape": "Linux"}
        }},
        "Linux": {"type": "structure", "members": {"init": {"shape": "Boolean"}, "swap": {"shape": "Boolean"}}},
        "Strings": {"type": "list", "member": {"shape": "String"}},
        "Labels": {"type": "map", "key": {"shape": "String"}, "value": {"shape": "String"}},
        "String": {"type": "string"},
        "Boolean": {"type": "boolean"}
    }
}"#;

fn fields() -> Fields {
    Fields::of(&Model::parse(MODEL.as_bytes()).expect("a model"), "Request", "")
        .expect("its shapes are there")
}

fn rows(text: &str) -> BTreeMap<String, Row> {
    parse(&format!("[Op]\n{text}")).expect("rows").remove("Op").expect("the section")
}

#[test]
fn a_field_is_a_dotted_path() {
    let found = fields();
    let leaves = [
        "family",
        "containers[].command",
        "containers[].linux.init",
        "containers[].linux.swap",
        "labels",
    ];
    assert_eq!(found.leaves, leaves);
    let branches = ["containers[]", "containers[].linux"];
    assert_eq!(found.branches, branches.map(str::to_owned).into());
}

#[test]
fn every_field_has_a_row_and_every_row_a_field_and_every_claim_a_test() {
    let rows = rows(
        r#"
        family = { works = ["one", "gone"] }
        "containers[].linux" = { refused = "not yet" }
        "containers[].linux.init" = { differs = "a bit", test = "other" }
        ghost = { refused = "never" }
        "#,
    );
    let tests = ["one", "other"].map(str::to_owned).into();
    assert_eq!(
        check("Op", &fields(), &rows, &tests),
        [
            "Op: containers[].command is in the model but has no row",
            "Op: labels is in the model but has no row",
            "Op: ghost has a row but is not in the model",
            "Op: family is proved by gone, and there is no such test",
        ]
    );
    let section = section("Op", fields(), &rows);
    let of =
        |field: &str| section.fields.iter().find(|(path, _)| path == field).map(|(_, row)| row);
    let refused = Row::Refused { refused: "not yet".to_owned() };
    assert_eq!(of("containers[].linux.swap"), Some(&refused), "the row of what it is part of");
    assert!(
        matches!(of("containers[].linux.init"), Some(Row::Differs { .. })),
        "its own is nearer"
    );
}

#[test]
fn a_row_that_says_something_else_is_refused() {
    for row in [r#""works""#, r#"{ works = "a", refused = "b" }"#, "{}", r#"{ test = "a" }"#] {
        assert!(parse(&format!("[Op]\nfamily = {row}")).is_err(), "{row}");
    }
}

#[test]
fn tests_are_functions_below_an_attribute() {
    let source = "
        #[test]
        fn plain() {}
        #[tokio::test(start_paused = true)]
        #[ignore]
        // Why.
        async fn paused() {}
        #[cfg(test)]
        fn helper() {}
        #[inline]
        fn test() {}
    ";
    assert_eq!(tests_in(source), ["plain", "paused"]);
}
