//! The directory of one space, and whose it is.
//!
//! Its owner holds a lock on it. A directory whose lock is free is a dead test's.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result};

use crate::traces;

const PREFIX: &str = "berth-test-engine-";
const LOCK: &str = "lock";

/// Dropped, it takes along whatever was started in its name.
pub struct Home {
    path: PathBuf,
    /// Held as long as this lives; the kernel lets go of it if the process dies.
    _lock: File,
}

impl Home {
    pub fn new() -> Result<Self> {
        // Sockets live here, and their paths may not be long: not wherever TMPDIR points.
        let directory = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in("/tmp")
            .context("making a directory")?;
        // It gets its name when it is locked already: a sweeper must not find it free in between.
        let unnamed = directory.path().join("new-lock");
        let lock = File::create(&unnamed).context("making the lock")?;
        lock.lock().context("locking the directory")?;
        fs::rename(unnamed, directory.path().join(LOCK)).context("naming the lock")?;
        // From here on removing it is for `traces::remove`: not before all processes are gone.
        Ok(Self { path: directory.keep(), _lock: lock })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Unique on this machine: the name of the cgroup, too.
    pub fn name(&self) -> &str {
        self.path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("it is the prefix and some letters")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Err(error) = traces::remove(&self.path, self.name()) {
            let message = format!("traces of a test are left: {error:#}");
            // To panic while panicking would hide why the test fails.
            if thread::panicking() { eprintln!("{message}") } else { panic!("{message}") }
        }
    }
}

/// Removes what tests have left that were killed before they could clean up.
pub fn sweep() -> Result<()> {
    for entry in fs::read_dir("/tmp").context("looking for what dead tests left")? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !name.starts_with(PREFIX) {
            continue;
        }
        // Without a lock file it is just being made, or just being removed.
        let Ok(lock) = File::open(path.join(LOCK)) else { continue };
        match lock.try_lock() {
            Ok(()) => traces::remove(&path, name)
                .with_context(|| format!("sweeping {}", path.display()))?,
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => {
                return Err(error).context("trying a dead test's lock");
            }
        }
    }
    Ok(())
}
