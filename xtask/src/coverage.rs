//! What Berth does of AWS's APIs: `models/coverage.toml`, `models/task-definition.toml` and the `DEVIATES:`
//! comments in the sources, rendered to `docs/compatibility.md`.
//!
//! The table may not claim what the sources do not have: every operation of a service's model has
//! exactly one row, and a supported one has its file in the service's `operations/`; every field of a task
//! definition has one too, and what works names the tests that prove it.

mod claims;
mod deviations;
mod fields;
mod page;
mod table;
mod task_definition;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use table::Table;

pub const TABLE: &str = "models/coverage.toml";
const PAGE: &str = "docs/compatibility.md";

/// Writes the page; with `check`, only compares it.
pub fn run(workspace: &Workspace, check: bool) -> Result<()> {
    let table = Table::parse(&workspace.read(TABLE)?)?;
    let mut faults = claims::check(workspace, &table)?;
    let (sections, of_fields) = task_definition::read(workspace)?;
    faults.extend(of_fields);
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        bail!("{TABLE} or {} disagrees with the models or the sources", task_definition::TABLE);
    }
    let page = page::render(&table, &sections, &deviations::collect(workspace)?);
    if !check {
        std::fs::write(workspace.path(PAGE), &page)?;
        println!("wrote {PAGE}");
    } else if workspace.read(PAGE).is_ok_and(|written| written == page) {
        println!("{PAGE} is up to date");
    } else {
        bail!("{PAGE} is out of date: run `cargo xtask coverage`");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
