//! The generated files as a whole: format them, write them, or compare them with what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail, ensure};

/// Files by their path below a root. All of `generated/` and `generated.rs` belongs to it.
pub struct Tree {
    root: PathBuf,
    files: BTreeMap<PathBuf, String>,
}

impl Tree {
    pub fn new(root: PathBuf) -> Self {
        Self { root, files: BTreeMap::new() }
    }

    pub fn add(&mut self, files: BTreeMap<PathBuf, String>) {
        self.files.extend(files);
    }

    /// Passes every file through rustfmt, so that `cargo fmt --check` has nothing to say.
    pub fn format(&mut self) -> Result<()> {
        for (path, text) in &mut self.files {
            *text = rustfmt(text, &self.root).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    pub fn write(&self) -> Result<()> {
        for stale in self.stale()? {
            fs::remove_file(self.root.join(stale))?;
        }
        for (path, text) in &self.files {
            let path = self.root.join(path);
            // A file that stays as it is keeps its date, and cargo what it built from it.
            if fs::read_to_string(&path).is_ok_and(|present| present == *text) {
                continue;
            }
            fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
            fs::write(&path, text).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    /// Fails and names the files that `write` would change.
    pub fn compare(&self) -> Result<()> {
        let mut different = self.stale()?;
        let differs = |path: &Path, text: &str| {
            fs::read_to_string(self.root.join(path)).map_or(true, |present| present != text)
        };
        different.extend(
            self.files
                .iter()
                .filter(|(path, text)| differs(path, text))
                .map(|(path, _)| path.clone()),
        );
        if different.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = different.iter().map(|path| path.display().to_string()).collect();
        bail!("not what the models say (run `cargo xtask codegen`): {}", names.join(", "))
    }

    /// Generated files on disk that no model calls for any more.
    fn stale(&self) -> Result<BTreeSet<PathBuf>> {
        let mut stale = BTreeSet::new();
        let mut folders = vec![self.root.join("generated")];
        while let Some(folder) = folders.pop() {
            if !folder.exists() {
                continue;
            }
            for entry in fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let relative = path.strip_prefix(&self.root)?.to_path_buf();
                    if !self.files.contains_key(&relative) {
                        stale.insert(relative);
                    }
                }
            }
        }
        Ok(stale)
    }
}

/// `beside` is where rustfmt looks for its configuration.
fn rustfmt(text: &str, beside: &Path) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--quiet"])
        .current_dir(beside)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("rustfmt is needed (rustup component add rustfmt)")?;
    let mut input = child.stdin.take().context("rustfmt takes its input from a pipe")?;
    let output = thread::scope(|scope| {
        // On a thread of its own: both pipes are shorter than a file.
        let writer = scope.spawn(move || input.write_all(text.as_bytes()));
        let output = child.wait_with_output();
        writer.join().map_err(|_| anyhow::anyhow!("the thread that feeds rustfmt died"))??;
        anyhow::Ok(output?)
    })?;
    ensure!(output.status.success(), "rustfmt refused what was generated");
    Ok(String::from_utf8(output.stdout)?)
}
