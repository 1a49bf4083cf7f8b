//! Where the remembered state lies.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use async_trait::async_trait;

/// Keeps one piece of bytes. `save` is durable when it returns, and never leaves half of anything.
#[async_trait]
pub trait Memory: Send + Sync + 'static {
    async fn load(&self) -> anyhow::Result<Option<Vec<u8>>>;
    async fn save(&self, bytes: Vec<u8>) -> anyhow::Result<()>;
}

/// A file that is replaced as a whole, readable by its owner alone: payloads may hold secrets.
#[derive(Debug, Clone)]
pub struct FileMemory {
    path: PathBuf,
}

impl FileMemory {
    /// The folder of the file must exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

#[async_trait]
impl Memory for FileMemory {
    async fn load(&self) -> anyhow::Result<Option<Vec<u8>>> {
        match tokio::fs::read(&self.path).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause).with_context(|| format!("reading {}", self.path.display())),
        }
    }

    async fn save(&self, bytes: Vec<u8>) -> anyhow::Result<()> {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || {
            replace(&path, &bytes).with_context(|| format!("writing {}", path.display()))
        })
        .await?
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    fs::rename(&beside, path)?;
    // The rename itself is durable once the folder is.
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}

/// Outlives an agent, not the process: for tests and simulations, and for agents that should forget.
#[derive(Debug, Default)]
pub struct VolatileMemory {
    bytes: Mutex<Option<Vec<u8>>>,
}

#[async_trait]
impl Memory for VolatileMemory {
    async fn load(&self) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(self.bytes.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn save(&self, bytes: Vec<u8>) -> anyhow::Result<()> {
        *self.bytes.lock().unwrap_or_else(PoisonError::into_inner) = Some(bytes);
        Ok(())
    }
}
