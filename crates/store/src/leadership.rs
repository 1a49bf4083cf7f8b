//! Who may write, and how they know that they still may.

use tokio::sync::watch;
use tokio::time::Instant;

use crate::Fence;

/// Being the leader: the fence to commit under, and word of when it is over.
///
/// It does not end with this value. Whoever is done with it says so with [`crate::Store::resign`], or
/// campaigns again, or drops the store.
#[derive(Debug, Clone)]
pub struct Leadership {
    pub fence: Fence,
    /// Becomes true, once, when another candidate leads, or may lead soon, or the store is gone.
    pub lost: watch::Receiver<bool>,
    pub lease: Lease,
}

/// Who leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leader {
    /// What the leader gave to [`crate::Store::campaign`].
    pub candidate: String,
    pub fence: Fence,
}

/// Tells a leader whether nobody else can have become the leader yet.
///
/// A leader that answers from memory works the answer out first and asks then: if the process was paused
/// in between, its lease has run out, and the answer may be of the past.
#[derive(Debug, Clone)]
pub struct Lease {
    lost: watch::Receiver<bool>,
    /// Until when it is proved that this leader is the only one. None if that needs no proof.
    until: Option<watch::Receiver<Instant>>,
}

impl Lease {
    /// Holds for as long as the leadership is not lost.
    pub(crate) fn until_lost(lost: watch::Receiver<bool>) -> Self {
        Lease { lost, until: None }
    }

    /// Holds while it is not lost, and only until the moment that was last proved: that of the last renewal's sending, and
    /// as long as the store lets a leader be silent.
    pub fn renewed(lost: watch::Receiver<bool>, until: watch::Receiver<Instant>) -> Self {
        Lease { lost, until: Some(until) }
    }

    /// Whether this leader is provably the only one at this moment.
    pub fn holds(&self) -> bool {
        let in_time = |until: &watch::Receiver<Instant>| Instant::now() < *until.borrow();
        !*self.lost.borrow() && self.until.as_ref().is_none_or(in_time)
    }
}
