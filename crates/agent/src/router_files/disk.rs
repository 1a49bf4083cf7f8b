//! The folders on a real disk, each below one that only the agent's user may enter.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;

use super::{Owner, RouterFiles};

/// What Linux takes as the path of a socket, without the zero at its end.
const LONGEST_SOCKET_PATH: usize = 107;

#[derive(Clone, Debug)]
pub struct DiskRouterFiles {
    root: PathBuf,
}

impl DiskRouterFiles {
    /// `root` is made when it is first needed; the folder that it is in must exist.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
}

#[async_trait]
impl RouterFiles for DiskRouterFiles {
    fn folder(&self, task_id: &str) -> PathBuf {
        self.root.join(task_id)
    }

    async fn place(
        &self,
        task_id: &str,
        files: Vec<(&'static str, Bytes)>,
        owner: Option<Owner>,
    ) -> io::Result<()> {
        let folder = self.folder(task_id);
        on_disk(move || place(&folder, &files, owner)).await
    }

    async fn remove(&self, task_id: &str) -> io::Result<()> {
        let folder = self.folder(task_id);
        on_disk(move || unless_gone(fs::remove_dir_all(folder))).await
    }

    async fn keep_only(&self, task_ids: &BTreeSet<String>) -> io::Result<()> {
        let (root, task_ids) = (self.root.clone(), task_ids.clone());
        on_disk(move || {
            let Ok(folders) = fs::read_dir(&root) else { return Ok(()) };
            for folder in folders {
                let folder = folder?;
                let is_kept =
                    folder.file_name().to_str().is_some_and(|name| task_ids.contains(name));
                if !is_kept {
                    unless_gone(fs::remove_dir_all(folder.path()))?;
                }
            }
            Ok(())
        })
        .await
    }
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn place(folder: &Path, files: &[(&str, Bytes)], owner: Option<Owner>) -> io::Result<()> {
    let (config, socket) = (folder.join("config"), folder.join("socket"));
    let longest = socket.join("fluent.sock");
    if longest.as_os_str().len() > LONGEST_SOCKET_PATH {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "{} is longer than the {LONGEST_SOCKET_PATH} bytes that a socket's path can have: \
                 give the agent a shorter --data-dir",
                longest.display()
            ),
        ));
    }
    // Nobody else comes in from above; what is inside is the router's, whatever its user.
    for folder in [&config, &socket] {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    }
    for (name, contents) in files {
        let beside = config.join(format!("{name}.new"));
        fs::write(&beside, contents)?;
        fs::set_permissions(&beside, Permissions::from_mode(0o644))?;
        fs::rename(&beside, config.join(name))?;
    }
    match owner {
        Some(owner) => chown(&socket, Some(owner.uid), owner.gid),
        None => Ok(()),
    }
}

fn unless_gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn a_routers_files_are_whole_and_only_its_own() {
        let disk = tempfile::tempdir().unwrap();
        let files = DiskRouterFiles::new(disk.path().join("firelens"));
        for contents in ["first", "second"] {
            let config = vec![("fluent.conf", Bytes::from(contents))];
            files.place("t1", config, None).await.unwrap();
        }
        let folder = files.folder("t1");
        assert_eq!(fs::read_to_string(folder.join("config/fluent.conf")).unwrap(), "second");
        assert_eq!(fs::read_dir(folder.join("config")).unwrap().count(), 1);
        assert!(folder.join("socket").is_dir());
        assert_eq!(mode(&disk.path().join("firelens")), 0o700);
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&folder.join("config/fluent.conf")), 0o644);
    }

    #[tokio::test]
    async fn what_belongs_to_no_task_goes() {
        let disk = tempfile::tempdir().unwrap();
        let files = DiskRouterFiles::new(disk.path().join("firelens"));
        files.keep_only(&BTreeSet::new()).await.expect("there may be nothing yet");
        for task in ["t1", "t2", "t3"] {
            files.place(task, Vec::new(), None).await.unwrap();
        }
        fs::write(files.folder("t1").join("socket/fluent.sock"), "").unwrap();
        files.remove("t1").await.unwrap();
        files.remove("t1").await.expect("it is gone already");
        files.keep_only(&BTreeSet::from(["t3".to_owned()])).await.unwrap();
        let left = [files.folder("t1"), files.folder("t2"), files.folder("t3")].map(|f| f.exists());
        assert_eq!(left, [false, false, true]);
    }

    #[tokio::test]
    async fn a_path_that_no_socket_can_have_is_refused() {
        let disk = tempfile::tempdir().unwrap();
        let files = DiskRouterFiles::new(disk.path().join("x".repeat(90)));
        let error = files.place("t", Vec::new(), None).await.unwrap_err().to_string();
        assert!(error.contains("--data-dir"), "{error}");
    }
}
