//! Holds the table against the service models and the services' sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::table::{Service, Support, Table};
use crate::codegen::names;
use crate::workspace::Workspace;

/// Every claim that is not so, in words.
pub fn check(workspace: &Workspace, table: &Table) -> Result<Vec<String>> {
    let (mut faults, all) = (Vec::new(), workspace.files()?);
    for (name, service) in &table.services {
        let modelled = modelled_operations(workspace, name)?;
        let files = files(&all, name, service);
        let implemented = |operation: &str| files.contains(&(names::field(operation) + ".rs"));
        faults.extend(compare(name, service, &modelled, implemented));
    }
    Ok(faults)
}

/// The files that a service's operations are in: its own folder, or those of a crate that has no folder for it.
fn files(all: &[PathBuf], name: &str, service: &Service) -> BTreeSet<String> {
    let own = [name.to_owned()];
    let servers = if service.served_by.is_empty() { &own[..] } else { &service.served_by };
    let of_server = |server: &String| {
        let folder = Path::new("crates/services").join(server).join("src/operations");
        let of_service = folder.join(name);
        match all.iter().any(|file| file.starts_with(&of_service)) {
            true => (of_service, true),
            false => (folder, false),
        }
    };
    let folders: Vec<(PathBuf, bool)> = servers.iter().map(of_server).collect();
    let is_in = |file: &Path, (folder, is_deep): &(PathBuf, bool)| match is_deep {
        true => file.starts_with(folder),
        false => file.parent() == Some(folder),
    };
    let files = all.iter().filter(|file| folders.iter().any(|folder| is_in(file, folder)));
    files.filter_map(|file| Some(file.file_name()?.to_str()?.to_owned())).collect()
}

fn modelled_operations(workspace: &Workspace, service: &str) -> Result<BTreeSet<String>> {
    let path = format!("models/{service}.json");
    let model: serde_json::Value = serde_json::from_str(&workspace.read(&path)?)?;
    let operations = model.get("operations").and_then(serde_json::Value::as_object);
    let operations = operations.with_context(|| format!("{path} has no operations"))?;
    Ok(operations.keys().cloned().collect())
}

pub fn compare(
    name: &str,
    service: &Service,
    modelled: &BTreeSet<String>,
    implemented: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut faults = Vec::new();
    for operation in modelled.iter().filter(|o| !service.operations.contains_key(*o)) {
        faults.push(format!("{name}: {operation} is in the model but has no row"));
    }
    for (operation, support) in &service.operations {
        let claimed = matches!(support, Support::Supported { .. });
        if !modelled.contains(operation) {
            faults.push(format!("{name}: {operation} has a row but is not in the model"));
        } else if claimed && !implemented(operation) {
            let file = names::field(operation);
            faults.push(format!(
                "{name}: {operation} is called supported, but operations/{file}.rs is missing"
            ));
        } else if !claimed && implemented(operation) {
            faults.push(format!("{name}: {operation} is implemented, but not called supported"));
        }
    }
    faults
}
