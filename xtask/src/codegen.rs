//! `cargo xtask codegen`: from service models to the Rust of `aws-api`.
//!
//! Three steps, each of which can be looked at by itself: botocore's wheel → `models/*.json` without
//! prose (only with `--update`, the one step that needs a network) → a typed [`model::Model`] → files
//! under `crates/aws-api/src/generated`. With `--check` the last step compares instead of writing.
//! Start with `emit.rs`.

use anyhow::{Context, Result};

use crate::workspace::Workspace;

mod config;
mod emit;
mod files;
pub mod model;
pub mod names;
mod reach;
mod wheel;

#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Take the models anew from the botocore version that models/services.toml pins.
    #[arg(long, conflicts_with = "check")]
    update: bool,
    /// Change nothing; fail if the generated files are not what the models say.
    #[arg(long)]
    check: bool,
}

pub fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let models = workspace.path("models");
    let config = config::Config::read(&models.join("services.toml"))?;
    if args.update {
        wheel::update(&config, &models)?;
    }
    let mut tree = files::Tree::new(workspace.path("crates/aws-api/src"));
    for (name, service) in &config.services {
        let model = model::Model::read(&models.join(format!("{name}.json")))?;
        let emitted =
            emit::service(name, service, model).with_context(|| format!("service {name}"))?;
        tree.add(emitted);
    }
    tree.add(emit::index(&config.services));
    tree.format()?;
    if args.check { tree.compare() } else { tree.write() }
}

/// Fails if the generated files are not what the models say.
pub fn check(workspace: &Workspace) -> Result<()> {
    run(workspace, &Args { update: false, check: true })
}

#[cfg(test)]
mod tests;
