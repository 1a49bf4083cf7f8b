//! What a task's log router finds on its host's disk: its configuration, and the folder of its socket.
//!
//! A seam, so that a simulated host has no disk. What is in the files is decided elsewhere.

mod disk;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

pub use disk::DiskRouterFiles;

/// The folders of log routers, one a task. Every call may be repeated.
#[async_trait]
pub trait RouterFiles: Send + Sync + 'static {
    /// A task's folder on the engine's host. In it are `config/`, with the files, and `socket/`.
    fn folder(&self, task_id: &str) -> PathBuf;

    /// Makes the folder with these files. The socket's folder is given to `owner`.
    async fn place(
        &self,
        task_id: &str,
        files: Vec<(&'static str, Bytes)>,
        owner: Option<Owner>,
    ) -> io::Result<()>;

    /// Removes a task's folder with all that the router left in it.
    async fn remove(&self, task_id: &str) -> io::Result<()>;

    /// Removes the folders of all other tasks.
    async fn keep_only(&self, task_ids: &BTreeSet<String>) -> io::Result<()>;
}

/// A router's user, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    pub uid: u32,
    pub gid: Option<u32>,
}

type Files = BTreeMap<&'static str, Bytes>;

/// Only says what it was given: for tests and simulations, where no router reads it.
#[derive(Debug, Default)]
pub struct VolatileRouterFiles {
    folders: Mutex<BTreeMap<String, (Files, Option<Owner>)>>,
}

impl VolatileRouterFiles {
    /// Everything that is there, by task.
    pub fn folders(&self) -> BTreeMap<String, (Files, Option<Owner>)> {
        self.held().clone()
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, (Files, Option<Owner>)>> {
        // Every change is one map operation: a panic elsewhere leaves it whole.
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl RouterFiles for VolatileRouterFiles {
    fn folder(&self, task_id: &str) -> PathBuf {
        Path::new("/firelens").join(task_id)
    }

    async fn place(
        &self,
        task_id: &str,
        files: Vec<(&'static str, Bytes)>,
        owner: Option<Owner>,
    ) -> io::Result<()> {
        self.held().insert(task_id.to_owned(), (files.into_iter().collect(), owner));
        Ok(())
    }

    async fn remove(&self, task_id: &str) -> io::Result<()> {
        self.held().remove(task_id);
        Ok(())
    }

    async fn keep_only(&self, task_ids: &BTreeSet<String>) -> io::Result<()> {
        self.held().retain(|task_id, _| task_ids.contains(task_id));
        Ok(())
    }
}
