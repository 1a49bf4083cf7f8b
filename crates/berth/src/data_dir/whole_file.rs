//! Files that are there whole or not at all, readable by their owner only.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes the file, in place of one that may be there.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    draft_beside(path, content)?.persist(path)?;
    sync_folder_of(path)
}

/// Writes the file unless there is one already; says whether it did.
pub fn place_new(path: &Path, content: &[u8]) -> io::Result<bool> {
    match draft_beside(path, content)?.persist_noclobber(path) {
        Ok(_) => sync_folder_of(path).map(|()| true),
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(failed) => Err(failed.error),
    }
}

/// A durable file in the same folder, so that it only has to be renamed. `tempfile` gives it mode 0600.
fn draft_beside(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let mut draft = NamedTempFile::new_in(folder_of(path))?;
    draft.write_all(content)?;
    draft.as_file().sync_all()?;
    Ok(draft)
}

/// A rename is durable once its folder is.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
