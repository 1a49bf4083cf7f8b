//! Every metric is in the list for operators, and every metric that the docs, a dashboard or an alert names is counted
//! somewhere: a rule on a metric that was renamed would stay silent for ever.

use std::collections::BTreeSet;

use super::{File, Violation};

const LIST: &str = "docs/operations/monitoring.md";
/// What reads metrics.
const READERS: &str = "examples/monitoring/";
/// How all of them begin.
const PREFIX: &str = "berth_";
/// What Prometheus makes of a histogram.
const PARTS: [&str; 3] = ["_bucket", "_sum", "_count"];

pub fn check(files: &[File]) -> Vec<Violation> {
    let text = |file: &'_ File| file.text.clone().unwrap_or_default();
    let crates: BTreeSet<String> = files.iter().filter_map(crate_name).collect();
    let sources =
        files.iter().filter(|file| file.path.contains("/src/") && file.path.ends_with(".rs"));
    let counted: BTreeSet<String> = sources
        .flat_map(|file| literals(&text(file)).map(str::to_owned).collect::<Vec<_>>())
        .filter(|name| !crates.contains(name))
        .collect();
    let mut found = Vec::new();
    let readers = files.iter().filter(|file| file.path == LIST || file.path.starts_with(READERS));
    let mut listed = BTreeSet::new();
    for file in readers {
        for name in names(&text(file)) {
            let whole = PARTS.iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name);
            if !counted.contains(name) && !counted.contains(whole) {
                let what = format!("names the metric {name}, which is counted nowhere");
                found.push(Violation { path: file.path.clone(), what });
            }
            if file.path == LIST {
                listed.insert(name.to_owned());
            }
        }
    }
    for name in counted.difference(&listed) {
        let what = format!("lacks the metric {name}");
        found.push(Violation { path: LIST.to_owned(), what });
    }
    found
}

/// `berth_ecs`, for the manifest of `berth-ecs`: a name that looks like a metric's.
fn crate_name(file: &File) -> Option<String> {
    let manifest = file.text.as_deref().filter(|_| file.path.ends_with("/Cargo.toml"))?;
    let line = manifest.lines().find_map(|line| line.strip_prefix("name = \""))?;
    Some(line.trim_end_matches('"').replace('-', "_"))
}

/// Whole string literals that are names of metrics.
fn literals(source: &str) -> impl Iterator<Item = &str> {
    source.split('"').skip(1).step_by(2).filter(|text| names(text).eq([*text]))
}

/// Every name of a metric in a text.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |one: char| one.is_ascii_alphanumeric() || one == '_';
    text.split(move |one: char| !is_part(one))
        .filter(|word| word.strip_prefix(PREFIX).is_some_and(|rest| !rest.is_empty()))
}
