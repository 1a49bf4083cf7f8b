use super::origin::Machine;
use super::{File, Violation, violations};
use crate::workspace::Workspace;

const INDEX: &str = "- [Record decisions](0001-record-decisions.md)";

/// What the rules say of these files beside an index and a record that are in order.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let in_order = [("docs/adr/README.md", INDEX), ("docs/adr/0001-record-decisions.md", "# One")];
    let replaced = |path: &str| files.iter().any(|(other, _)| *other == path);
    let files: Vec<File> = in_order
        .iter()
        .filter(|(path, _)| !replaced(path))
        .chain(files)
        .map(|(path, text)| File { path: (*path).to_owned(), text: Some((*text).to_owned()) })
        .collect();
    let machine = Machine::with_paths(["/builds/berth".to_owned(), "/me".to_owned()]);
    violations(&files, &machine).iter().map(Violation::to_string).collect()
}

#[test]
fn what_is_in_order_is_not_reported() {
    assert_eq!(found(&[("src/task.rs", "//! A task.\n\nstruct Task;\n")]), Vec::<String>::new());
}

#[test]
fn names_must_say_something() {
    assert_eq!(
        found(&[
            ("src/utils.rs", "//! x"),
            ("src/common/id.rs", "//! x"),
            ("src/id/mod.rs", "//! x")
        ]),
        [
            "src/common/id.rs: `common` says nothing of what is inside",
            "src/id/mod.rs: name the file after its folder: `foo.rs` beside `foo/`, not `foo/mod.rs`",
            "src/utils.rs: `utils` says nothing of what is inside",
        ]
    );
}

#[test]
fn a_source_begins_with_what_it_is_for() {
    assert_eq!(
        found(&[("src/task.rs", "struct Task;"), ("src/task/tests.rs", "use super::Task;")]),
        ["src/task.rs: begins without a module doc (`//!`): what does it decide?"]
    );
}

#[test]
fn length_is_counted_up_to_the_tests() {
    let body = "//! x\n".repeat(800);
    let with_tests = format!("{body}#[cfg(test)]\nmod tests {{}}\n");
    let too_long = format!("{body}//! x\n");
    assert_eq!(
        found(&[
            ("src/long.rs", &too_long),
            ("src/right.rs", &with_tests),
            ("src/generated/long.rs", &too_long),
            ("src/long/tests.rs", &too_long),
        ]),
        ["src/long.rs: 801 lines before its tests, more than 800: one concept each"]
    );
}

#[test]
fn nothing_is_left_for_later_and_no_test_sleeps() {
    let stub = format!("//! x\nfn f() {{ {}{} }}\n", "todo", "!()");
    let sleep = format!("std::thread::{}", "sleep(second);");
    let within = format!("//! {sleep}\n#[cfg(test)]\nmod tests {{ {sleep} }}");
    assert_eq!(
        found(&[("src/a.rs", &stub), ("src/a/tests.rs", &sleep), ("src/b.rs", &within)]),
        [
            format!("src/a.rs: line 2: `todo{}…)`: finish it or leave it out", "!("),
            format!(
                "src/a/tests.rs: line 1: `thread::{}…)`: wait for a state, not for a time",
                "sleep("
            ),
            format!("src/b.rs: line 3: `thread::{}…)`: wait for a state, not for a time", "sleep("),
        ]
    );
}

#[test]
fn nothing_of_the_machine_is_committed() {
    assert_eq!(
        found(&[
            ("a.md", "run /builds/berth/target/berth\n/me/.cache\nmount /me and /x/builds/berth"),
            ("pip.md", &format!("pip --index-{}=x", "url")),
            ("Cargo.lock", "source = \"git+https://example.com/x\""),
        ]),
        [
            "Cargo.lock: line 1: a crate from elsewhere than crates.io".to_owned(),
            "a.md: line 1: a path of this machine: /builds/berth".to_owned(),
            "a.md: line 2: a path of this machine: /me/.".to_owned(),
            format!("pip.md: line 1: a package source is the user's to set: index-{}", "url"),
        ]
    );
}

#[test]
fn decision_records_are_numbered_in_a_row_and_listed() {
    let index = format!("{INDEX}\n- [Gone](0002-gone.md) and [elsewhere](../guide/x.md)");
    assert_eq!(
        found(&[("docs/adr/README.md", &index), ("docs/adr/0003-gap.md", "# Gap")]),
        [
            "docs/adr/0003-gap.md: is not in the index, docs/adr/README.md",
            "docs/adr/0003-gap.md: records are numbered in a row: 0002-… expected",
            "docs/adr/README.md: lists 0002-gone.md, which does not exist",
        ]
    );
}

#[test]
fn this_repository_keeps_the_style() {
    let workspace = Workspace::here();
    let files = super::files(&workspace).expect("git lists the files of this checkout");
    let found = violations(&files, &Machine::this(&workspace));
    assert!(files.iter().any(|file| file.path == "xtask/src/style/tests.rs"));
    assert_eq!(found.iter().map(Violation::to_string).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn metrics_are_listed_and_those_that_are_listed_are_counted() {
    assert_eq!(
        found(&[
            ("crates/door/Cargo.toml", "name = \"berth-door\"\n"),
            (
                "crates/door/src/lib.rs",
                "//! x\nconst A: &str = \"berth_knocks_total\"; const B: &str = \"berth_wait_seconds\";\n\
                 const C: &str = \"berth_door\";\n",
            ),
            ("docs/operations/monitoring.md", "`berth_knocks_total`, `berth_rings_total`"),
            (
                "examples/monitoring/alerts.yaml",
                "rate(berth_wait_seconds_bucket[5m]) + berth_bells"
            ),
        ]),
        [
            "docs/operations/monitoring.md: lacks the metric berth_wait_seconds",
            "docs/operations/monitoring.md: names the metric berth_rings_total, which is counted nowhere",
            "examples/monitoring/alerts.yaml: names the metric berth_bells, which is counted nowhere",
        ]
    );
}
