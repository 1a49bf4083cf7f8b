//! `cargo xtask …`: the development commands.
//!
//! `cargo xtask check` runs what CI runs beside the tests; every other command is one of its steps, or
//! writes what a step checks. Nothing here is part of the product.

mod layers;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Berth's development commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compare the crate graph with layers.toml and print every arrow
    Layers,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let workspace = Workspace::here();
    match arguments.command {
        Command::Layers => layers::run(&workspace),
    }
}
