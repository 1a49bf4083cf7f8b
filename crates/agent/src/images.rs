//! Having an image on the host: one look or one pull at a time per image, whoever asks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_runtime::{ErrorKind, Image, RuntimeError, Verb};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use crate::backoff::Backoff;
use crate::host::Host;
use crate::options::PullBehavior;
use crate::persist::while_unreachable;

/// How often a pull is tried that fails in a way that may pass.
const ATTEMPTS: u32 = 3;

type Fetch = Shared<BoxFuture<'static, Result<Image, Arc<RuntimeError>>>>;

pub(crate) struct Images {
    host: Arc<Host>,
    known: Mutex<BTreeMap<String, Known>>,
}

enum Known {
    /// Somebody is at it; all who ask meanwhile get the same answer.
    Fetching(Fetch),
    Here(Image),
}

impl Images {
    pub(crate) fn new(host: Arc<Host>) -> Self {
        Self { host, known: Mutex::default() }
    }

    /// The image, from wherever the pull behavior allows.
    pub(crate) async fn fetch(&self, name: &str) -> Result<Image, Arc<RuntimeError>> {
        let fetch = {
            let mut known = self.known();
            match known.get(name) {
                Some(Known::Here(image)) if self.may_reuse() => return Ok(image.clone()),
                Some(Known::Fetching(fetch)) if !is_over(fetch) => fetch.clone(),
                _ => {
                    let fetch = bring(self.host.clone(), name.to_owned()).boxed().shared();
                    known.insert(name.to_owned(), Known::Fetching(fetch.clone()));
                    fetch
                }
            }
        };
        let result = fetch.clone().await;
        let mut known = self.known();
        // Only the fetch that was waited for: a newer one may be under way by now.
        if matches!(known.get(name), Some(Known::Fetching(current)) if current.ptr_eq(&fetch)) {
            match &result {
                Ok(image) => known.insert(name.to_owned(), Known::Here(image.clone())),
                Err(_) => known.remove(name),
            };
        }
        result
    }

    /// The image turned out not to be here any more.
    pub(crate) fn forget(&self, name: &str) {
        self.known().remove(name);
    }

    fn may_reuse(&self) -> bool {
        match self.host.options.pull {
            PullBehavior::PreferCached | PullBehavior::Once => true,
            PullBehavior::Default | PullBehavior::Always => false,
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        // Every change is one map operation: a panic elsewhere leaves it whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fetch that nobody waits for any more stands still; its answer may be long out of date.
fn is_over(fetch: &Fetch) -> bool {
    fetch.peek().is_some() || fetch.strong_count().is_none_or(|count| count <= 1)
}

async fn bring(host: Arc<Host>, name: String) -> Result<Image, Arc<RuntimeError>> {
    let here = || while_unreachable(&host, || host.runtime.image(&name));
    let brought = match host.options.pull {
        PullBehavior::PreferCached => match here().await {
            Ok(Some(image)) => Ok(image),
            Ok(None) => pull(&host, &name).await,
            Err(error) => Err(error),
        },
        PullBehavior::Always | PullBehavior::Once => pull(&host, &name).await,
        PullBehavior::Default => match pull(&host, &name).await {
            Ok(image) => Ok(image),
            Err(error) => {
                tracing::warn!(image = %name, %error, "the pull failed; what is here will do, if anything");
                here().await.ok().flatten().ok_or(error)
            }
        },
    };
    brought.map_err(Arc::new)
}

async fn pull(host: &Host, name: &str) -> Result<Image, RuntimeError> {
    let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30), 2.0);
    let mut attempt = 1;
    loop {
        tracing::info!(image = %name, attempt, "pulling");
        match while_unreachable(host, || host.runtime.pull(name, None)).await {
            Ok(image) => return Ok(image),
            Err(error) if error.is_transient() && attempt < ATTEMPTS => {
                tracing::warn!(image = %name, %error, "a pull failed; trying again");
                tokio::time::sleep(backoff.next(host)).await;
                attempt += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether a container could not be made because its image is gone.
pub(crate) fn is_missing(error: &RuntimeError) -> bool {
    error.verb() == Verb::Create && error.kind() == ErrorKind::NotFound
}
