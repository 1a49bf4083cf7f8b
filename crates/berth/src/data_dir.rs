//! The data directory: what is kept in it, and how a file gets there whole.
//!
//!     credentials     the administrator's key, AWS shared-credentials format, mode 0600
//!     config          region and endpoint of the server that ran last, AWS shared-config format
//!     root-key        what seals the secrets among the records, mode 0600
//!     tls/            the server's own certificate authority: `ca.key`, mode 0600, and `ca.pem`, which clients trust
//!     audit/          who asked for what, lines of JSON
//!     state.redb      the control plane's records (embedded store), and in `state-log/` the newest of them
//!     agent/          what this host's agent remembers; `identity.json`: who the host is, mode 0600; `ca.pem`: its control
//!                     plane's certificate authority
//!     proxy/          the same of this host's balancers: `identity.json`, and `configuration.json`, what they carry, mode 0600; `lock`
//!                     and `handover.sock` are of the process that carries
//!
//! `AWS_SHARED_CREDENTIALS_FILE=DIR/credentials AWS_CONFIG_FILE=DIR/config aws …` therefore works too.

mod client_config;
mod credentials;
mod profile;
mod root_key;
mod tls;
mod whole_file;

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub use client_config::ClientConfig;
pub use credentials::AccessKey;
pub use root_key::RootKeyFile;
pub use tls::{OwnAuthority, TlsDir};

/// A directory that exists and is ours alone.
#[derive(Debug, Clone)]
pub struct DataDir {
    path: PathBuf,
}

impl DataDir {
    /// Makes the directory if need be, for its owner only. One that exists keeps its mode.
    pub fn create(path: &Path) -> Result<DataDir> {
        let at = || format!("cannot make the data directory {}", path.display());
        let path = std::path::absolute(path).with_context(at)?;
        DirBuilder::new().recursive(true).mode(0o700).create(&path).with_context(at)?;
        Ok(DataDir { path })
    }

    /// The directory of a server that has run.
    pub fn existing(path: &Path) -> Result<DataDir> {
        let path = std::path::absolute(path)?;
        if !path.is_dir() {
            anyhow::bail!("there is no data directory {}: has `berth up` run?", path.display());
        }
        Ok(DataDir { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Made if need be.
    pub fn agent_dir(&self) -> Result<PathBuf> {
        let path = self.path.join("agent");
        DataDir::create(&path).map(|dir| dir.path)
    }

    /// The authority of the control plane that this host has joined, learned as it did.
    pub fn joined_authority_file(&self) -> PathBuf {
        self.path.join("agent").join("ca.pem")
    }

    /// Keeps it for the time when there is no token any more.
    pub fn learn_joined_authority(&self, certificate: &str) -> Result<()> {
        self.agent_dir()?;
        let path = self.joined_authority_file();
        if read_if_there(&path)?.as_deref() == Some(certificate) {
            return Ok(());
        }
        let written = whole_file::replace(&path, certificate.as_bytes());
        written.with_context(|| format!("cannot write {}", path.display()))
    }

    /// Who this host is to its control plane.
    pub fn host_identity_file(&self) -> Result<PathBuf> {
        Ok(self.agent_dir()?.join("identity.json"))
    }

    /// Whether this host has joined some control plane, or begun to.
    pub fn has_host_identity(&self) -> Result<bool> {
        Ok(self.host_identity_file()?.try_exists()?)
    }

    /// Made if need be.
    pub fn proxy_dir(&self) -> Result<PathBuf> {
        let path = self.path.join("proxy");
        DataDir::create(&path).map(|dir| dir.path)
    }

    /// Whether this host's balancers have joined some control plane, or begun to.
    pub fn has_proxy_identity(&self) -> Result<bool> {
        Ok(self.proxy_dir()?.join("identity.json").try_exists()?)
    }

    /// Where balancers tell what they carried.
    pub fn balancer_logs(&self) -> PathBuf {
        self.path.join("load-balancer-logs")
    }

    /// Where the root key is: here, unless somewhere else is given.
    pub fn root_key_file(&self, elsewhere: Option<PathBuf>) -> RootKeyFile {
        RootKeyFile::at(elsewhere.unwrap_or_else(|| self.path.join("root-key")))
    }

    /// Where the server's own certificate authority is.
    pub fn tls(&self) -> TlsDir {
        TlsDir::new(self.path.join("tls"))
    }

    /// Where calls are told.
    pub fn audit_folder(&self) -> PathBuf {
        self.path.join("audit")
    }

    /// What people put there that AWS reads from S3.
    pub fn buckets_folder(&self) -> PathBuf {
        self.path.join("buckets")
    }

    /// The administrator's key; `None` before the first start.
    pub fn administrator(&self) -> Result<Option<AccessKey>> {
        let path = self.credentials_file();
        let Some(text) = read_if_there(&path)? else {
            return Ok(None);
        };
        let parsed = AccessKey::parse(&text);
        Ok(Some(parsed.with_context(|| format!("{} is damaged", path.display()))?))
    }

    /// The administrator's key, made at the first start.
    pub fn administrator_or_new(&self) -> Result<AccessKey> {
        if let Some(key) = self.administrator()? {
            return Ok(key);
        }
        let key = AccessKey::generate()?;
        let path = self.credentials_file();
        let placed = whole_file::place_new(&path, key.render().as_bytes());
        if placed.with_context(|| format!("cannot write {}", path.display()))? {
            return Ok(key);
        }
        // Somebody else made one between our look and our write: theirs holds.
        self.administrator()?.with_context(|| format!("{} came and went", path.display()))
    }

    /// Lets this machine's clients sign as the administrator of a cell that several servers have.
    pub fn keep_administrator(&self, key: &AccessKey) -> Result<()> {
        let path = self.credentials_file();
        match self.administrator()? {
            Some(kept) if kept == *key => Ok(()),
            Some(_) => anyhow::bail!(
                "{} has another key than this cell's administrator: move it away",
                path.display()
            ),
            None => whole_file::replace(&path, key.render().as_bytes())
                .with_context(|| format!("cannot write {}", path.display())),
        }
    }

    /// All that a client needs: how to sign, and where to call.
    pub fn client(&self) -> Result<(AccessKey, ClientConfig)> {
        let not_yet =
            || format!("no server has run in {} yet: start `berth up` first", self.path.display());
        let key = self.administrator()?.with_context(not_yet)?;
        Ok((key, self.client_config()?.with_context(not_yet)?))
    }

    /// Where the server that ran last can be called; `None` before the first start.
    pub fn client_config(&self) -> Result<Option<ClientConfig>> {
        let path = self.config_file();
        let Some(text) = read_if_there(&path)? else {
            return Ok(None);
        };
        let parsed = ClientConfig::parse(&text);
        Ok(Some(parsed.with_context(|| format!("{} is damaged", path.display()))?))
    }

    pub fn write_client_config(&self, config: &ClientConfig) -> Result<()> {
        let path = self.config_file();
        let written = whole_file::replace(&path, config.render().as_bytes());
        written.with_context(|| format!("cannot write {}", path.display()))
    }

    fn credentials_file(&self) -> PathBuf {
        self.path.join("credentials")
    }

    fn config_file(&self) -> PathBuf {
        self.path.join("config")
    }
}

/// A text file's content.
pub fn read_if_there(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

#[cfg(test)]
mod tests;
