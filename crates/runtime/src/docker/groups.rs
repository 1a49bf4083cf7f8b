//! Control groups that containers are made under (`--cgroup-parent`), one for each group of the trait.
//!
//! The engine has no call for this, so we make them ourselves, in the way of the engine's own driver: `cgroupfs`
//! by the kernel's files (`files.rs`), `systemd` by slices (`slices.rs`). Either way the engine makes a member's
//! group below the parent that the member is created with, and takes it away when the member ends.
//!
//! An engine that was started with a cgroup parent keeps all it runs below that, and so do we (`parent.rs`).

mod files;
mod parent;
mod slices;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use self::files::Files;
use self::slices::Slices;
use super::DockerRuntime;
use crate::{CgroupVersion, ErrorKind, GroupSpec, RuntimeError, Verb};

/// What is known about making groups. An engine that comes back may do so with another driver.
#[derive(Default)]
pub(super) struct Groups {
    driver: Mutex<Option<Driver>>,
    /// Making one and removing another meet in the directories above them.
    busy: Arc<Mutex<()>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Driver {
    Files(CgroupVersion),
    Slices,
}

impl Groups {
    pub(super) fn learn(&self, version: CgroupVersion, driver: &str) {
        *self.driver() = match driver {
            "cgroupfs" => Some(Driver::Files(version)),
            "systemd" => Some(Driver::Slices),
            _ => None,
        };
    }

    pub(super) fn forget(&self) {
        *self.driver() = None;
    }

    fn driver(&self) -> MutexGuard<'_, Option<Driver>> {
        self.driver.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever makes groups of one kind.
enum Maker {
    Files(Files),
    Slices(Slices),
}

impl Maker {
    fn ensure(&self, spec: &GroupSpec) -> io::Result<String> {
        match self {
            Self::Files(files) => files.ensure(spec),
            Self::Slices(slices) => slices.ensure(spec),
        }
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match self {
            Self::Files(files) => files.remove(name),
            Self::Slices(slices) => slices.remove(name),
        }
    }

    fn list(&self) -> io::Result<Vec<String>> {
        match self {
            Self::Files(files) => files.list(),
            Self::Slices(slices) => slices.list(),
        }
    }

    fn is_allowed(&self) -> bool {
        match self {
            Self::Files(files) => files.is_allowed(),
            Self::Slices(slices) => slices.is_allowed(),
        }
    }
}

impl DockerRuntime {
    /// Whether groups can be made here. The driver must have been learned.
    pub(super) async fn can_group(&self) -> bool {
        let driver = *self.shared.groups.driver();
        let Some(driver) = driver else { return false };
        let allowed = self.with_maker(Verb::Info, driver, |maker| Ok(maker.is_allowed())).await;
        allowed.unwrap_or(false)
    }

    pub(super) async fn make_group(&self, spec: &GroupSpec) -> Result<String, RuntimeError> {
        crate::group::check_name(Verb::EnsureGroup, &spec.name)?;
        let driver = self.group_driver(Verb::EnsureGroup).await?;
        let spec = spec.clone();
        self.with_maker(Verb::EnsureGroup, driver, move |maker| maker.ensure(&spec)).await
    }

    pub(super) async fn unmake_group(&self, name: &str) -> Result<(), RuntimeError> {
        crate::group::check_name(Verb::RemoveGroup, name)?;
        let driver = self.group_driver(Verb::RemoveGroup).await?;
        let name = name.to_owned();
        self.with_maker(Verb::RemoveGroup, driver, move |maker| maker.remove(&name)).await
    }

    pub(super) async fn find_groups(&self) -> Result<Vec<String>, RuntimeError> {
        let driver = self.group_driver(Verb::ListGroups).await?;
        self.with_maker(Verb::ListGroups, driver, |maker| maker.list()).await
    }

    async fn group_driver(&self, verb: Verb) -> Result<Driver, RuntimeError> {
        let known = *self.shared.groups.driver();
        if let Some(driver) = known {
            return Ok(driver);
        }
        let info = crate::Runtime::info(self).await?;
        let learned = *self.shared.groups.driver();
        learned.ok_or_else(|| {
            let message = format!(
                "no groups can be made for the engine's cgroup driver `{}`",
                info.cgroup_driver
            );
            RuntimeError::new(verb, ErrorKind::Invalid, message)
        })
    }

    /// Files of the kernel and a program that is run: neither is for the threads that must not wait.
    async fn with_maker<T: Send + 'static>(
        &self,
        verb: Verb,
        driver: Driver,
        work: impl FnOnce(&Maker) -> io::Result<T> + Send + 'static,
    ) -> Result<T, RuntimeError> {
        let busy = self.shared.groups.busy.clone();
        let socket = self.shared.connection.socket().to_owned();
        let owner = owner_word(&self.shared.owner);
        let limit = self.timeouts().question;
        let done = tokio::task::spawn_blocking(move || {
            let _alone = busy.lock().unwrap_or_else(PoisonError::into_inner);
            let maker = match driver {
                Driver::Files(version) => {
                    let place = parent::of_engine(&socket).join("ecs").join(&owner);
                    Maker::Files(Files::new(version, PathBuf::from(files::MOUNT), place))
                }
                Driver::Slices => Maker::Slices(Slices::new(&owner)),
            };
            work(&maker)
        });
        match tokio::time::timeout(limit, done).await {
            Ok(Ok(Ok(value))) => Ok(value),
            Ok(Ok(Err(error))) => Err(failure(verb, error)),
            Ok(Err(crash)) => Err(RuntimeError::new(
                verb,
                ErrorKind::Failed,
                "the work on a control group broke off",
            )
            .caused_by(crash)),
            Err(_) => Err(RuntimeError::new(
                verb,
                ErrorKind::Timeout(limit),
                "the work on a control group does not end",
            )),
        }
    }
}

fn failure(verb: Verb, error: io::Error) -> RuntimeError {
    let kind = match error.kind() {
        // Somebody is in it still.
        io::ErrorKind::ResourceBusy | io::ErrorKind::DirectoryNotEmpty => ErrorKind::Conflict,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::Denied,
        _ => ErrorKind::Failed,
    };
    RuntimeError::new(verb, kind, error.to_string()).caused_by(error)
}

/// An owner may be called anything, and a group's place needs a short word without a dash: to systemd that
/// would be one more slice above.
fn owner_word(owner: &str) -> String {
    hex::encode(&Sha256::digest(owner)[..6])
}
