//! What Berth does of AWS's APIs: `models/coverage.toml` and the `DEVIATES:` comments in the sources,
//! rendered to `docs/compatibility.md`.
//!
//! The table may not claim what the sources do not have: every operation of a service's model has
//! exactly one row, and a supported one has its file in the service's `operations/`.

mod claims;
mod deviations;
mod page;
mod table;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use table::Table;

pub const TABLE: &str = "models/coverage.toml";
const PAGE: &str = "docs/compatibility.md";

/// Writes the page; with `check`, only compares it.
pub fn run(workspace: &Workspace, check: bool) -> Result<()> {
    let table = Table::parse(&workspace.read(TABLE)?)?;
    let faults = claims::check(workspace, &table)?;
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        bail!("{TABLE} disagrees with the models or the sources");
    }
    let page = page::render(&table, &deviations::collect(workspace)?);
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
