//! Where the checkout is, and how programs are run in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The checkout that cargo runs this program for.
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    pub fn here() -> Self {
        // Asked when it runs: two checkouts that share a target directory may share this binary too.
        let now = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let manifest_dir = now.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        let root = manifest_dir.parent().expect("xtask lies one level below the workspace's root");
        Workspace { root: root.to_owned() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// The text of a file, by its path from the root.
    pub fn read(&self, relative: impl AsRef<Path>) -> Result<String> {
        let path = self.path(relative);
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Every file that is, or would be, committed: tracked ones and new ones that are not ignored.
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        // A clone made by another user is still this clone: we only list its files.
        let listing = self.output(
            "git",
            ["-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
        )?;
        let mut files: Vec<PathBuf> = listing
            .split('\0')
            .filter(|name| !name.is_empty())
            .map(PathBuf::from)
            .filter(|file| self.path(file).is_file())
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// Runs a program in the root with our own output; an unsuccessful end is an error.
    pub fn run<S: AsRef<OsStr>>(
        &self,
        program: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<()> {
        let status = self.command(program, arguments).status();
        let status = status.with_context(|| format!("cannot run {program}"))?;
        if !status.success() {
            bail!("{program} ended with {status}");
        }
        Ok(())
    }

    /// Runs a program in the root and returns what it printed.
    pub fn output<S: AsRef<OsStr>>(
        &self,
        program: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<String> {
        let output = self.command(program, arguments).output();
        let output = output.with_context(|| format!("cannot run {program}"))?;
        if !output.status.success() {
            bail!(
                "{program} ended with {}: {}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
        String::from_utf8(output.stdout).with_context(|| format!("{program} printed no UTF-8"))
    }

    fn command<S: AsRef<OsStr>>(
        &self,
        program: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        // The cargo that started us, so that a toolchain given by `cargo +name` stays the same.
        let cargo = std::env::var_os("CARGO").filter(|_| program == "cargo");
        let mut command = Command::new(cargo.as_deref().unwrap_or(OsStr::new(program)));
        command.args(arguments).current_dir(&self.root);
        command
    }
}
