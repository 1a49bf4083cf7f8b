//! `models/task-definition.toml`: what becomes of every field of a task definition and of a run's overrides.
//!
//! Every field of the model has a row, its own or that of something it is part of, and the nearest counts.
//! Whatever is said to work, if differently, names the tests that prove it, and they have to be there.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::fields::Fields;
use crate::codegen::model::Model;
use crate::workspace::Workspace;

pub const TABLE: &str = "models/task-definition.toml";
const MODEL: &str = "models/ecs.json";

/// The table's sections, the shapes that they are about, and what is before their fields.
const ROOTS: [(&str, &str, &str); 2] = [
    ("RegisterTaskDefinition", "RegisterTaskDefinitionRequest", ""),
    ("RunTask", "TaskOverride", "overrides."),
];

/// What becomes of one field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, untagged)]
pub enum Row {
    Works { works: Proofs },
    Differs { differs: String, test: Option<Proofs> },
    Refused { refused: String },
}

/// One test or several, by the names of their functions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Proofs {
    One(String),
    Several(Vec<String>),
}

impl Proofs {
    pub fn names(&self) -> &[String] {
        match self {
            Proofs::One(name) => std::slice::from_ref(name),
            Proofs::Several(names) => names,
        }
    }
}

impl Row {
    pub fn proofs(&self) -> &[String] {
        match self {
            Row::Works { works } | Row::Differs { test: Some(works), .. } => works.names(),
            Row::Differs { test: None, .. } | Row::Refused { .. } => &[],
        }
    }
}

/// One section: every field of its request with its row, in the model's order.
#[derive(Debug, PartialEq, Eq)]
pub struct Section {
    pub operation: String,
    pub fields: Vec<(String, Row)>,
}

type Rows = BTreeMap<String, BTreeMap<String, Row>>;

/// The sections, and what is wrong with them in words.
pub fn read(workspace: &Workspace) -> Result<(Vec<Section>, Vec<String>)> {
    let mut rows = parse(&workspace.read(TABLE)?).context(TABLE)?;
    let model = Model::read(&workspace.path(MODEL))?;
    let tests = tests(workspace)?;
    let (mut sections, mut faults) = (Vec::new(), Vec::new());
    for (operation, shape, prefix) in ROOTS {
        let fields = Fields::of(&model, shape, prefix)?;
        let rows = rows.remove(operation).unwrap_or_default();
        faults.extend(check(operation, &fields, &rows, &tests));
        sections.push(section(operation, fields, &rows));
    }
    if let Some(unknown) = rows.keys().next() {
        bail!("{TABLE}: no operation of the table is called {unknown}");
    }
    Ok((sections, faults))
}

pub fn parse(text: &str) -> Result<Rows> {
    Ok(toml::from_str(text)?)
}

pub fn check(
    operation: &str,
    fields: &Fields,
    rows: &BTreeMap<String, Row>,
    tests: &BTreeSet<String>,
) -> Vec<String> {
    let missing = fields.leaves.iter().filter(|field| nearest(rows, field).is_none());
    let missing =
        missing.map(|field| format!("{operation}: {field} is in the model but has no row"));
    let unknown = rows.keys().filter(|path| {
        !fields.branches.contains(*path) && !fields.leaves.iter().any(|field| field == *path)
    });
    let unknown =
        unknown.map(|path| format!("{operation}: {path} has a row but is not in the model"));
    let unproved = rows.iter().flat_map(|(path, row)| {
        let absent = row.proofs().iter().filter(|test| !tests.contains(*test));
        absent.map(move |test| {
            format!("{operation}: {path} is proved by {test}, and there is no such test")
        })
    });
    missing.chain(unknown).chain(unproved).collect()
}

pub fn section(operation: &str, fields: Fields, rows: &BTreeMap<String, Row>) -> Section {
    let with_row = |field: String| nearest(rows, &field).cloned().map(|row| (field, row));
    Section {
        operation: operation.to_owned(),
        fields: fields.leaves.into_iter().filter_map(with_row).collect(),
    }
}

/// The row of a field, or else of what it is part of.
fn nearest<'a>(rows: &'a BTreeMap<String, Row>, field: &str) -> Option<&'a Row> {
    let mut path = field;
    loop {
        if let Some(row) = rows.get(path) {
            return Some(row);
        }
        path = path.rsplit_once('.')?.0;
    }
}

/// The names of all test functions.
fn tests(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let mut tests = BTreeSet::new();
    for file in workspace.files()? {
        if file.starts_with("crates") && file.extension().is_some_and(|kind| kind == "rs") {
            tests.extend(tests_in(&workspace.read(&file)?));
        }
    }
    Ok(tests)
}

/// The functions that have `#[test]`, or another attribute of that name, somewhere above them.
pub fn tests_in(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        if let Some(attribute) = line.strip_prefix("#[") {
            let path = attribute.split(['(', ']']).next().unwrap_or_default();
            is_test |= path.rsplit("::").next() == Some("test");
        } else if is_test {
            let name = line.split_once("fn ").and_then(|(_, rest)| rest.split('(').next());
            names.extend(name.map(str::to_owned));
            // An attribute may be followed by a comment.
            is_test = line.starts_with("//");
        }
    }
    names
}

#[cfg(test)]
mod tests;
