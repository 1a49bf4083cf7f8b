//! The shell scripts: valid bash, strict, and clean to shellcheck where that is installed.

use anyhow::{Result, bail};

use crate::workspace::Workspace;

const FIRST_LINE: &str = "#!/usr/bin/env bash\n";
const STRICT: &str = "\nset -euo pipefail\n";

/// Checks `.ci/run` and everything in `scripts/`.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut scripts = Vec::new();
    for file in workspace.files()? {
        let path = file.to_string_lossy().into_owned();
        if path == ".ci/run" || path.starts_with("scripts/") {
            let text = workspace.read(&file)?;
            if !text.starts_with(FIRST_LINE) || !text.contains(STRICT) {
                bail!("{path} must begin with {FIRST_LINE:?} and have a line `set -euo pipefail`");
            }
            workspace.run("bash", ["-n", &path])?;
            scripts.push(path);
        }
    }
    if workspace.output("shellcheck", ["--version"]).is_err() {
        println!(
            "{} scripts are valid bash; shellcheck is not installed, so no more is known",
            scripts.len()
        );
        return Ok(());
    }
    let options = ["--external-sources", "--source-path=SCRIPTDIR"].map(str::to_owned);
    let count = scripts.len();
    workspace.run("shellcheck", options.into_iter().chain(scripts))?;
    println!("{count} scripts are clean");
    Ok(())
}
