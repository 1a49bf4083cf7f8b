//! The demo image: built from this workspace, with nothing but its toolchain and the C library's headers.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};

/// What the image is called on an engine that it was loaded into.
pub const DEMO_IMAGE: &str = "berth-demo:latest";

/// The image as `docker load` takes it.
pub fn demo_image_archive() -> Result<Vec<u8>> {
    let program = demo_program()?;
    berth_runtime::image_archive(&program, DEMO_IMAGE)
        .with_context(|| format!("packing {}", program.display()))
}

/// The demo program, linked statically. Built when it is first asked for; what is built already is found so.
pub fn demo_program() -> Result<PathBuf> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PROGRAM
        .get_or_init(|| build().map_err(|error| format!("{error:#}")))
        .clone()
        .map_err(anyhow::Error::msg)
}

fn build() -> Result<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    // A directory of its own: other flags would make cargo build everything anew each time, and the lock of the usual
    // one may be held by whoever runs this test.
    let target = target.join("demo-static");
    let triple = format!("{}-unknown-linux-gnu", env::consts::ARCH);
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--release",
            "--locked",
            "--package",
            "berth-demo-web",
            "--target",
            &triple,
        ])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(&workspace)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .output()
        .context("running cargo")?;
    ensure!(
        output.status.success(),
        "the demo program cannot be built:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(target.join(triple).join("release/demo-web"))
}
