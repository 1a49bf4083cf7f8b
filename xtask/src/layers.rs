//! Compares the crate graph with `layers.toml`: which arrows are drawn, and which of them may be.
//!
//! Judging is pure and works on names, so its tests need no cargo. Start with `verdict.rs`.

mod graph;
mod table;
mod verdict;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use graph::Graph;
use table::Table;

/// Prints every arrow with its verdict; fails if one is forbidden or the table does not fit the graph.
pub fn run(workspace: &Workspace) -> Result<()> {
    let table: Table = toml::from_str(&workspace.read("layers.toml")?)?;
    let graph = Graph::from_metadata(
        &workspace
            .output("cargo", ["metadata", "--format-version", "1", "--no-deps", "--offline"])?,
    )?;
    let report = verdict::judge(&table, &graph);
    print!("{report}");
    if !report.is_clean() {
        bail!("the crate graph and layers.toml disagree");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
