//! Decision records are numbered without gaps, and the index in `docs/adr/README.md` lists each.

use super::{File, Violation};

const FOLDER: &str = "docs/adr/";
const INDEX: &str = "docs/adr/README.md";

pub fn check(files: &[File]) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut violation =
        |path: &str, what: String| found.push(Violation { path: path.to_owned(), what });
    let index = files.iter().find(|file| file.path == INDEX).and_then(|file| file.text.as_deref());
    let Some(index) = index else {
        violation(INDEX, "the index of decision records is missing".to_owned());
        return found;
    };
    let mut records: Vec<&str> = files
        .iter()
        .filter_map(|file| file.path.strip_prefix(FOLDER))
        .filter(|name| name.ends_with(".md") && *name != "README.md")
        .collect();
    records.sort_unstable();
    for (place, name) in records.iter().enumerate() {
        let path = format!("{FOLDER}{name}");
        let number = format!("{:04}-", place + 1);
        if !name.starts_with(&number) {
            violation(&path, format!("records are numbered in a row: {number}… expected"));
        }
        if !index.contains(&format!("({name})")) {
            violation(&path, "is not in the index, docs/adr/README.md".to_owned());
        }
    }
    for linked in links(index).filter(|linked| !records.contains(linked)) {
        violation(INDEX, format!("lists {linked}, which does not exist"));
    }
    found
}

/// The targets of Markdown links to files in the same folder.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
        .filter(|target| target.ends_with(".md") && !target.contains('/'))
}
