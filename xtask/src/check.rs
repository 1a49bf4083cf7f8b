//! Everything that CI checks beside the tests, in one command.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{bans, codegen, coverage, layers, scripts, style};

type Step = (&'static str, fn(&Workspace) -> Result<()>);

/// The quick ones first, so that a slip is told before a compilation.
const STEPS: [Step; 9] = [
    ("format", |workspace| workspace.run("cargo", ["fmt", "--all", "--check"])),
    ("layers", layers::run),
    ("style", style::run),
    ("scripts", scripts::run),
    ("codegen", codegen::check),
    ("coverage", |workspace| coverage::run(workspace, true)),
    ("bans", bans::run),
    // The fuzz targets are a workspace of their own, which nobody builds while working on another.
    ("fuzz lock", |workspace| {
        let read = ["metadata", "--format-version", "1", "--locked"];
        let read = read.into_iter().chain(["--manifest-path", "fuzz/Cargo.toml"]);
        workspace.output("cargo", read).map(drop)
    }),
    ("clippy", |workspace| {
        let lint =
            ["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"];
        workspace.run("cargo", lint)
    }),
];

/// Runs every step, whatever the ones before it found, and names those that failed.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut failed = Vec::new();
    for (name, step) in STEPS {
        println!("==> {name}");
        let began = Instant::now();
        match step(workspace) {
            Ok(()) => println!("    {name}: ok in {:.1} s", began.elapsed().as_secs_f64()),
            Err(error) => {
                println!("    {name}: {error:#}");
                failed.push(name);
            }
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    println!("all {} checks passed", STEPS.len());
    Ok(())
}
