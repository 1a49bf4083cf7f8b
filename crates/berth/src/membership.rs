//! How one of this machine's parts is a host to the control plane: by the file that says who it is, or by joining.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use berth_agent::{HostCalls, HostIdentity, IdentityFile, NotJoined};

use crate::host_access::Grants;

pub struct Membership {
    identity: IdentityFile,
    /// What it remembers of the control plane, which is worth nothing once it is another host.
    memory: PathBuf,
}

impl Membership {
    pub fn new(identity: PathBuf, memory: PathBuf) -> Self {
        Membership { identity: IdentityFile::new(identity), memory }
    }

    pub fn memory(&self) -> &Path {
        &self.memory
    }

    /// Who this host is: what the file says, unless the control plane does not know that one any more.
    pub async fn identity(
        &self,
        grants: &Grants,
        calls: &HostCalls,
        put_out: bool,
    ) -> Result<HostIdentity> {
        let unjoined = match self.identity.load().await? {
            Ok(identity) if !put_out => return Ok(identity),
            Ok(_) => NotJoined::afresh(),
            Err(unjoined) => unjoined,
        };
        let grant = grants.take().await?;
        forget(&self.memory)?;
        let joined =
            HostIdentity::join(&self.identity, unjoined, calls, &grant, Some(hostname())).await;
        joined.context("this host cannot join")
    }
}

fn forget(memory: &Path) -> Result<()> {
    match std::fs::remove_file(memory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", memory.display()))
        }
        _ => Ok(()),
    }
}

/// What the machine calls itself.
pub fn hostname() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
