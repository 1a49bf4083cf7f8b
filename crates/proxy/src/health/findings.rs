//! What is known of all targets, and what of it is news.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_proxy_protocol::TargetHealth;
use tokio::sync::Notify;

use crate::group::TargetIdentity;

/// What is found within this time is told together: targets of one host fail together.
const TOGETHER: Duration = Duration::from_millis(10);

type Key = (String, TargetIdentity);

/// For whoever reports: one reader, who begins with [`Findings::all`].
#[derive(Clone, Default)]
pub struct Findings {
    board: Arc<Board>,
}

#[derive(Default)]
struct Board {
    kept: Mutex<Kept>,
    news: Notify,
}

#[derive(Default)]
struct Kept {
    latest: BTreeMap<Key, TargetHealth>,
    news: BTreeSet<Key>,
}

impl Findings {
    /// Everything that is known; news are what comes after this.
    pub fn all(&self) -> Vec<TargetHealth> {
        let mut kept = self.kept();
        kept.news.clear();
        kept.latest.values().cloned().collect()
    }

    /// Everything that is known, for somebody else than the one reader.
    pub(crate) fn latest(&self) -> Vec<TargetHealth> {
        self.kept().latest.values().cloned().collect()
    }

    /// Waits for news. Nothing is lost if the waiting is given up.
    pub async fn news(&self) -> Vec<TargetHealth> {
        while self.kept().news.is_empty() {
            self.board.news.notified().await;
        }
        tokio::time::sleep(TOGETHER).await;
        let mut kept = self.kept();
        let news = std::mem::take(&mut kept.news);
        news.iter().filter_map(|key| kept.latest.get(key)).cloned().collect()
    }

    /// A target is checked from now on.
    pub(super) fn begin(&self, target: TargetIdentity, finding: TargetHealth) {
        let key = (finding.group.clone(), target);
        let mut kept = self.kept();
        if kept.latest.get(&key) != Some(&finding) {
            kept.latest.insert(key.clone(), finding);
            kept.news.insert(key);
            self.board.news.notify_one();
        }
    }

    /// Of no account if the target is not checked any more: its last check may just have been at its end.
    pub(super) fn found(&self, target: TargetIdentity, finding: TargetHealth) {
        let key = (finding.group.clone(), target);
        let mut kept = self.kept();
        if let Some(latest) = kept.latest.get_mut(&key)
            && *latest != finding
        {
            *latest = finding;
            kept.news.insert(key);
            self.board.news.notify_one();
        }
    }

    pub(super) fn forget(&self, group: &str, target: TargetIdentity) {
        let key = (group.to_owned(), target);
        let mut kept = self.kept();
        kept.latest.remove(&key);
        kept.news.remove(&key);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.board.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
