//! Holds the table against the service models and the services' sources.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use super::table::{Service, Support, Table};
use crate::codegen::names;
use crate::workspace::Workspace;

/// Every claim that is not so, in words.
pub fn check(workspace: &Workspace, table: &Table) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for (name, service) in &table.services {
        let modelled = modelled_operations(workspace, name)?;
        let server = service.served_by.as_ref().unwrap_or(name);
        let folder = workspace.path(format!("crates/services/{server}/src/operations"));
        let implemented = |operation: &str| folder.join(names::field(operation) + ".rs").is_file();
        faults.extend(compare(name, service, &modelled, implemented));
    }
    Ok(faults)
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
