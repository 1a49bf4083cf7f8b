//! The root key: what everything secret in the store is sealed under, and what the store must not hold.
//!
//! `BERTH_ROOT_KEY` has it, or a file of mode 0600: the data directory's `root-key`, made at the first start, or
//! another one that is named. Both are lines as [`LocalRootKeys`] has them, the newest last.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use berth_control::env::SystemIds;
use berth_control::sealing::LocalRootKeys;
use zeroize::Zeroizing;

use super::{read_if_there, whole_file};

pub const VARIABLE: &str = "BERTH_ROOT_KEY";

/// Where the root key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootKeyFile {
    path: PathBuf,
}

impl RootKeyFile {
    pub fn at(path: PathBuf) -> Self {
        RootKeyFile { path }
    }

    /// Whether [`VARIABLE`] has the key.
    pub fn is_in_environment() -> bool {
        env::var_os(VARIABLE).is_some()
    }

    /// The keys for a store. A first one is made only where nothing has been sealed yet (`is_new`): another key than
    /// that which sealed would open nothing.
    pub fn keys(&self, is_new: bool) -> Result<LocalRootKeys> {
        if let Ok(text) = env::var(VARIABLE).map(Zeroizing::new) {
            return LocalRootKeys::parse(&text, SystemIds).context(VARIABLE);
        }
        if is_new && !self.path.exists() {
            self.add()?;
        }
        let Some(text) = self.read()? else {
            bail!(
                "there is no {}, and what is secret in the store was sealed with what it held: put it back, or set {VARIABLE}",
                self.path.display()
            )
        };
        LocalRootKeys::parse(&text, SystemIds).with_context(|| self.path.display().to_string())
    }

    /// Adds a key, which the next start takes over; says its name.
    pub fn add(&self) -> Result<String> {
        let before = self.read()?.unwrap_or_default();
        let newest = match before.trim().is_empty() {
            true => 0,
            false => {
                let keys = LocalRootKeys::parse(&before, SystemIds);
                let keys = keys.with_context(|| self.path.display().to_string())?;
                number(keys.newest()).unwrap_or(0)
            }
        };
        let name = format!("root-{}", newest + 1);
        let line = LocalRootKeys::new_line(&name, &SystemIds);
        let all = Zeroizing::new(format!("{}{}", *before, *line));
        // Two lines of one name would be refused at the next start.
        LocalRootKeys::parse(&all, SystemIds).with_context(|| self.path.display().to_string())?;
        whole_file::replace(&self.path, all.as_bytes())
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(name)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self) -> Result<Option<Zeroizing<String>>> {
        let Some(text) = read_if_there(&self.path)?.map(Zeroizing::new) else { return Ok(None) };
        let mode = fs::metadata(&self.path)?.permissions().mode() & 0o777;
        ensure!(
            mode & 0o077 == 0,
            "{} can be read by others (mode {mode:o}): chmod 600 it, and think about `berth root-key add`",
            self.path.display()
        );
        Ok(Some(text))
    }
}

fn number(name: &str) -> Option<u32> {
    name.strip_prefix("root-")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &tempfile::TempDir) -> RootKeyFile {
        RootKeyFile::at(folder.path().join("root-key"))
    }

    #[test]
    fn the_first_start_makes_a_key_and_later_ones_find_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = file(&folder);
        let missing = format!("{:#}", file.keys(false).expect_err("there is none"));
        assert!(missing.contains("put it back"), "{missing}");
        assert!(!file.path().exists(), "no other key is made in its place");
        assert_eq!(file.keys(true).expect("a key").newest(), "root-1");
        let text = fs::read_to_string(file.path()).expect("readable");
        assert_eq!(file.keys(true).expect("the same").newest(), "root-1");
        assert_eq!(fs::read_to_string(file.path()).expect("readable"), text);
        let mode = fs::metadata(file.path()).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }

    #[test]
    fn a_key_that_is_added_is_the_newest_and_the_others_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = file(&folder);
        file.keys(true).expect("a key");
        let before = fs::read_to_string(file.path()).expect("readable");
        assert_eq!(file.add().expect("added"), "root-2");
        assert_eq!(file.keys(false).expect("keys").newest(), "root-2");
        assert!(fs::read_to_string(file.path()).expect("readable").starts_with(&before));
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = file(&folder);
        file.keys(true).expect("a key");
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).expect("set");
        let error = file.keys(false).expect_err("others can read it").to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }
}
