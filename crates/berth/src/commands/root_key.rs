//! `berth root-key`: a new key to seal secrets under.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Subcommand;

use crate::data_dir::{DataDir, RootKeyFile};

#[derive(Debug, Subcommand)]
pub enum RootKeyAction {
    /// Add a key; the server takes it over at its next start, and says when the older ones can be deleted
    Add,
}

pub fn run(
    data_dir: &Path,
    file: Option<PathBuf>,
    action: RootKeyAction,
    out: &mut impl Write,
) -> Result<()> {
    // One that several servers share is made before any of them has run.
    let file = match file {
        Some(path) => RootKeyFile::at(path),
        None => DataDir::existing(data_dir)?.root_key_file(None),
    };
    match action {
        RootKeyAction::Add => {
            let name = file.add()?;
            writeln!(out, "added {name} to {}; restart the server", file.path().display())?;
        }
    }
    Ok(())
}
