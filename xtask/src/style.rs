//! What a reader of any file may rely on, checked: names, lengths, docs, no stubs, nothing of one machine.
//!
//! Each rule is a pure function over the files' texts; STYLE.md says why each exists. What a compiler or
//! clippy can tell is left to them.

mod decisions;
mod metrics;
mod naming;
mod origin;
mod source;

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::workspace::Workspace;

/// One file that is, or would be, committed.
pub struct File {
    /// From the root, with `/`.
    pub path: String,
    /// `None` if it is not text.
    pub text: Option<String>,
}

/// What is wrong with which file.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    pub path: String,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.what)
    }
}

/// Prints every violation; fails if there is one.
pub fn run(workspace: &Workspace) -> Result<()> {
    let files = files(workspace)?;
    let violations = violations(&files, &origin::Machine::this(workspace));
    for violation in &violations {
        println!("{violation}");
    }
    if !violations.is_empty() {
        bail!("{} violations of the style that is checked", violations.len());
    }
    println!("{} files keep the style that is checked", files.len());
    Ok(())
}

fn files(workspace: &Workspace) -> Result<Vec<File>> {
    let read = |path: PathBuf| -> Result<File> {
        let text = String::from_utf8(std::fs::read(workspace.path(&path))?).ok();
        Ok(File { path: slashed(&path), text })
    };
    workspace.files()?.into_iter().map(read).collect()
}

fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn violations(files: &[File], machine: &origin::Machine) -> Vec<Violation> {
    let mut found = decisions::check(files);
    found.extend(metrics::check(files));
    for file in files {
        let text = file.text.as_deref().unwrap_or_default();
        let faults = naming::check(&file.path)
            .into_iter()
            .chain(source::check(&file.path, text))
            .chain(origin::check(&file.path, text, machine));
        found.extend(faults.map(|what| Violation { path: file.path.clone(), what }));
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests;
