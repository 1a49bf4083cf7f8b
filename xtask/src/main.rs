//! `cargo xtask …`: the development commands.
//!
//! `cargo xtask check` runs what CI runs beside the tests; every other command is one of its steps, or
//! writes what a step checks. Nothing here is part of the product.

mod bans;
mod bench;
mod check;
mod codegen;
mod coverage;
mod layers;
mod new_operation;
mod scripts;
mod style;
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
    /// Run every check that CI runs beside the tests
    Check,
    /// Generate crates/aws-api/src/generated from models/
    Codegen(codegen::Args),
    /// Compare the crate graph with layers.toml and print every arrow
    Layers,
    /// Write docs/compatibility.md from models/coverage.toml and the sources
    Coverage {
        /// Only compare, and fail on a difference
        #[arg(long)]
        check: bool,
    },
    /// Make a place for one more operation: its file, golden test, registration and coverage row
    NewOperation {
        /// As in models/, such as `ecs`
        service: String,
        /// As AWS writes it, such as `DescribeTasks`
        operation: String,
    },
    /// Check names, lengths, docs and stubs of all files
    Style,
    /// Check the shell scripts
    Scripts,
    /// Fail if a banned crate is in the dependency graph
    Bans,
    /// Run a benchmark, or list them
    Bench {
        name: Option<String>,
        /// For the benchmark itself
        #[arg(last = true)]
        arguments: Vec<String>,
    },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let workspace = Workspace::here();
    match arguments.command {
        Command::Check => check::run(&workspace),
        Command::Codegen(args) => codegen::run(&workspace, &args),
        Command::Layers => layers::run(&workspace),
        Command::Coverage { check } => coverage::run(&workspace, check),
        Command::NewOperation { service, operation } => {
            new_operation::run(&workspace, &service, &operation)
        }
        Command::Style => style::run(&workspace),
        Command::Scripts => scripts::run(&workspace),
        Command::Bans => bans::run(&workspace),
        Command::Bench { name, arguments } => bench::run(&workspace, name.as_deref(), &arguments),
    }
}
