//! `cargo xtask new-operation ecs DescribeThings`: a place for one more operation.
//!
//! Makes the operation's file and golden test, and adds it where operations are declared, registered and
//! called supported. The file names every input field and declared error, and does not compile until it is
//! written: nothing that answers without doing can be left behind by accident.

mod insert;
mod template;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::codegen::model::Model;
use crate::codegen::names;
use crate::coverage;
use crate::workspace::Workspace;

/// A file to be written, whole.
#[derive(Debug, PartialEq, Eq)]
struct Edit {
    path: PathBuf,
    text: String,
}

pub fn run(workspace: &Workspace, service: &str, operation: &str) -> Result<()> {
    let model = Model::read(&workspace.path(format!("models/{service}.json")))?;
    let edits = plan(service, operation, &model, |path| workspace.read(path))?;
    for edit in &edits {
        ensure_new_or_edited(workspace, edit, service)?;
    }
    for Edit { path, text } in &edits {
        std::fs::write(workspace.path(path), text)
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("wrote {}", path.display());
    }
    workspace.run("cargo", ["fmt", "--package", &format!("berth-{service}")])
}

/// Nothing that somebody wrote is written over.
fn ensure_new_or_edited(workspace: &Workspace, edit: &Edit, service: &str) -> Result<()> {
    let shared = [operations_file(service), service_file(service), PathBuf::from(coverage::TABLE)];
    let exists = workspace.path(&edit.path).exists();
    ensure!(!exists || shared.contains(&edit.path), "{} is there already", edit.path.display());
    Ok(())
}

/// What every file will hold; `read` gives what the shared ones hold now.
fn plan(
    service: &str,
    operation: &str,
    model: &Model,
    read: impl Fn(&Path) -> Result<String>,
) -> Result<Vec<Edit>> {
    let Some(modelled) = model.operations.get(operation) else {
        bail!("models/{service}.json has no operation {operation}");
    };
    let file = names::field(operation);
    let edit = |path: PathBuf, change: &dyn Fn(&str) -> Result<String>| -> Result<Edit> {
        let text = change(&read(&path)?).with_context(|| format!("in {}", path.display()))?;
        Ok(Edit { path, text })
    };
    Ok(vec![
        Edit {
            path: operations_folder(service).join(format!("{file}.rs")),
            text: template::source(service, operation, modelled, model),
        },
        Edit {
            path: PathBuf::from(format!("crates/services/{service}/tests/golden/{file}.txt")),
            text: template::golden(operation, modelled, model),
        },
        edit(operations_file(service), &|text| insert::declaration(text, &file))?,
        edit(service_file(service), &|text| insert::registration(text, operation, &file))?,
        edit(PathBuf::from(coverage::TABLE), &|text| insert::support(text, service, operation))?,
    ])
}

fn operations_folder(service: &str) -> PathBuf {
    PathBuf::from(format!("crates/services/{service}/src/operations"))
}

fn operations_file(service: &str) -> PathBuf {
    operations_folder(service).with_extension("rs")
}

fn service_file(service: &str) -> PathBuf {
    PathBuf::from(format!("crates/services/{service}/src/service.rs"))
}

#[cfg(test)]
mod tests;
