//! Carrying from this process's first moment: what was configured last, and in place of another process if there is one (ADR 34).

use anyhow::{Context, Result, bail};
use berth_proxy::handover::{self, Beginning, HandoverError, Predecessor, Tenure};
use berth_proxy::{Meter, Proxy};
use tokio::signal::unix::Signal;

use super::kept::Kept;
use super::reload;
use crate::data_dir::DataDir;
use crate::settings::ProxySettings;

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

pub struct Carrier {
    pub(super) proxy: Proxy,
    pub(super) kept: Kept,
    pub(super) tenure: Tenure,
    pub(super) reloads: Signal,
    predecessor: Option<Predecessor>,
    is_successor: bool,
}

impl Carrier {
    /// Whatever can be wrong with what this process was told should have been found out before: from here on it may be all that there is.
    pub async fn start(settings: &ProxySettings, dir: &DataDir) -> Result<Carrier> {
        let reloads = reload::heard()?;
        let folder = dir.proxy_dir()?;
        let kept = Kept::at(&folder.join("configuration.json"));
        let options = settings.carrying.clone();
        let begun = handover::begin(&folder, VERSION, settings.takes_over).await;
        let (proxy, tenure, predecessor) = match begun.map_err(explain)? {
            Beginning::First(tenure) => {
                let proxy = Proxy::start(options);
                carry_last(&proxy, &kept).await;
                (proxy, tenure, None)
            }
            Beginning::Succeeding(mut succession) => {
                let estate = succession.estate();
                let has_listeners = estate.sockets() > 0;
                let proxy = Proxy::succeeding(options, estate);
                // The other process changes nothing now: what it carries is what it kept.
                if !carry_last(&proxy, &kept).await && has_listeners {
                    bail!("there is nothing to go by in {}", folder.display());
                }
                let carrying = succession.carrying().await;
                let (tenure, predecessor) = carrying.context("cannot take over")?;
                (proxy, tenure, Some(predecessor))
            }
        };
        let is_successor = predecessor.is_some();
        Ok(Carrier { proxy, kept, tenure, reloads, predecessor, is_successor })
    }

    pub fn meter(&self) -> Meter {
        self.proxy.meter()
    }

    /// Whether another process carried before this one: what goes wrong now must not end it.
    pub fn is_successor(&self) -> bool {
        self.is_successor
    }

    /// Waits until the process that carried before this one has nothing any more but connections that it ends.
    pub async fn alone(&mut self) {
        if let Some(predecessor) = self.predecessor.take() {
            predecessor.released().await;
        }
    }
}

async fn carry_last(proxy: &Proxy, kept: &Kept) -> bool {
    let Some(last) = kept.load().await else { return false };
    tracing::info!(revision = last.revision, "carrying what was configured last");
    proxy.apply(&last);
    true
}

fn explain(error: HandoverError) -> anyhow::Error {
    match &error {
        HandoverError::Taken { .. } => {
            anyhow::anyhow!("{error}: stop it, or take over from it with --take-over")
        }
        _ => anyhow::Error::from(error).context("cannot carry"),
    }
}
