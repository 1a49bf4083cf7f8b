//! The workspace's crates and what each of them depends on, from `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde::Deserialize;

/// Normal dependencies only, by crate: those for tests and build scripts bind nobody's design.
#[derive(Debug, Default)]
pub struct Graph {
    crates: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `None` is a normal one; else `dev` or `build`.
    kind: Option<String>,
}

impl Graph {
    /// Reads the answer of `cargo metadata --format-version 1 --no-deps`.
    pub fn from_metadata(json: &str) -> Result<Graph> {
        let metadata: Metadata = serde_json::from_str(json)?;
        let crates = metadata.packages.into_iter().map(|package| {
            let normal = package.dependencies.into_iter().filter(|d| d.kind.is_none());
            (package.name, normal.map(|dependency| dependency.name).collect())
        });
        Ok(Graph { crates: crates.collect() })
    }

    pub fn contains(&self, name: &str) -> bool {
        self.crates.contains_key(name)
    }

    pub fn crates(&self) -> impl Iterator<Item = &str> {
        self.crates.keys().map(String::as_str)
    }

    /// Every arrow, those to other people's crates included.
    pub fn arrows(&self) -> impl Iterator<Item = (&str, &str)> {
        self.crates
            .iter()
            .flat_map(|(from, targets)| targets.iter().map(move |to| (from.as_str(), to.as_str())))
    }
}
