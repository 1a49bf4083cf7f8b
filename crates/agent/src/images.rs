//! Having an image on the host: one look or one pull at a time per image, whoever asks.
//!
//! The pull behavior says when a registry is asked (`docs/adr/0013-images.md`). A pull belongs to those who
//! wait for it, and ends when the last of them gives up. What was pulled is written down (`pulled.rs`), so that
//! it can be cleaned up one day; how one logs in to a registry is `logins.rs` and `secret_login.rs`.

mod auth_file;
mod logins;
mod pulled;
mod secret_login;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_runtime::{ErrorKind, Image, ImageName, RegistryAuth, RuntimeError, Verb};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use crate::backoff::Backoff;
use crate::host::Host;
use crate::memory::Recollection;
use crate::options::PullBehavior;
use crate::persist::while_unreachable;

pub use auth_file::{AuthFile, AuthFileError};
pub use logins::{LoginError, NoLogins, RegistryLogins};
pub(crate) use pulled::PulledImage;
pub(crate) use secret_login::SecretLogin;

/// AWS: how often the agent tries a pull that fails.
const ATTEMPTS: u32 = 5;

type Fetch = BoxFuture<'static, Result<Image, Arc<RuntimeError>>>;

pub(crate) struct Images {
    host: Arc<Host>,
    recollection: Arc<Recollection>,
    known: Mutex<Known>,
}

/// An image that a container needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) image: String,
    /// Where the task definition says that the login is kept; without it, the host's own logins are used.
    pub(crate) login: Option<SecretLogin>,
}

#[derive(Default)]
struct Known {
    here: BTreeMap<String, Image>,
    /// Whoever asks for the same meanwhile gets the same answer; what nobody waits for any more is gone.
    under_way: BTreeMap<Key, WeakShared<Fetch>>,
}

/// The image, and in whose name it is asked for: what one may pull, another may not.
type Key = (String, Option<String>);

impl Images {
    pub(crate) fn new(host: Arc<Host>, recollection: Arc<Recollection>) -> Self {
        Self { host, recollection, known: Mutex::default() }
    }

    /// The image, from wherever the pull behavior allows.
    pub(crate) async fn fetch(
        self: &Arc<Self>,
        wanted: &Wanted,
    ) -> Result<Image, Arc<RuntimeError>> {
        let here = self.may_reuse().then(|| self.known().here.get(&wanted.image).cloned());
        let image = match here.flatten() {
            Some(image) => image,
            None => self.join(wanted).await?,
        };
        self.note_use(&image.id);
        Ok(image)
    }

    /// The image turned out not to be here any more.
    pub(crate) fn forget(&self, name: &str) {
        self.known().here.remove(name);
    }

    /// The image with this id is about to be removed.
    pub(crate) fn forget_id(&self, id: &str) {
        self.known().here.retain(|_, image| image.id != id);
    }

    /// The fetch of this image that is under way, or a new one.
    fn join(self: &Arc<Self>, wanted: &Wanted) -> Shared<Fetch> {
        let key = (wanted.image.clone(), wanted.login.as_ref().map(SecretLogin::identity));
        let mut known = self.known();
        known.under_way.retain(|_, fetch| fetch.upgrade().is_some());
        let current = known.under_way.get(&key).and_then(WeakShared::upgrade);
        if let Some(fetch) = current.filter(|fetch| fetch.peek().is_none()) {
            return fetch;
        }
        let (images, wanted) = (self.clone(), wanted.clone());
        let fetch = async move { images.bring(&wanted).await.map_err(Arc::new) }.boxed().shared();
        // One that was never polled has not ended, and so can be found again.
        known.under_way.extend(fetch.downgrade().map(|fetch| (key, fetch)));
        fetch
    }

    fn may_reuse(&self) -> bool {
        match self.host.options.pull {
            PullBehavior::PreferCached | PullBehavior::Once => true,
            PullBehavior::Default | PullBehavior::Always => false,
        }
    }

    async fn bring(&self, wanted: &Wanted) -> Result<Image, RuntimeError> {
        let name = wanted.image.as_str();
        let here = while_unreachable(&self.host, || self.host.runtime.image(name)).await?;
        let image = match (self.host.options.pull, here) {
            (PullBehavior::PreferCached, Some(image)) => image,
            (PullBehavior::Once, Some(image)) if self.has_pulled(name) => image,
            // What a digest names is never another image.
            //
            // DEVIATES: ECS asks the registry also for an image that is named by its digest and is here.
            (PullBehavior::Default | PullBehavior::Once, Some(image))
                if ImageName::parse(name).is_pinned() =>
            {
                image
            }
            (_, here) => self.pull(wanted, here).await?,
        };
        self.known().here.insert(name.to_owned(), image.clone());
        Ok(image)
    }

    async fn pull(&self, wanted: &Wanted, here: Option<Image>) -> Result<Image, RuntimeError> {
        let (host, name) = (&self.host, wanted.image.as_str());
        // AWS: from 1.1 to 5 seconds, twice as long each time.
        let mut backoff = Backoff::new(Duration::from_millis(1100), Duration::from_secs(5), 2.0);
        let mut attempt = 1;
        loop {
            let login = self.login(wanted).await?;
            tracing::info!(image = name, attempt, "pulling");
            let error =
                match while_unreachable(host, || host.runtime.pull(name, login.clone())).await {
                    Ok(image) => {
                        self.note_pulled(name, here.as_ref(), &image);
                        return Ok(image);
                    }
                    Err(error) => error,
                };
            if let (PullBehavior::Default, Some(image)) = (host.options.pull, &here) {
                tracing::warn!(image = name, %error, "the pull failed; what is here is used");
                return Ok(image.clone());
            }
            if !error.is_transient() || attempt == ATTEMPTS {
                return Err(error);
            }
            tracing::warn!(image = name, %error, "a pull failed; trying again");
            tokio::time::sleep(backoff.next(host)).await;
            attempt += 1;
        }
    }

    async fn login(&self, wanted: &Wanted) -> Result<Option<RegistryAuth>, RuntimeError> {
        match &wanted.login {
            Some(secret) => secret.fetch(&self.host, &wanted.image).await.map(Some),
            None => self.host.options.logins.login(&wanted.image).await.map_err(|error| {
                RuntimeError::new(Verb::RegistryLogin, ErrorKind::Invalid, error.to_string())
            }),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Every change is one map operation: a panic elsewhere leaves it whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a container could not be made because its image is gone.
pub(crate) fn is_missing(error: &RuntimeError) -> bool {
    error.verb() == Verb::Create && error.kind() == ErrorKind::NotFound
}
