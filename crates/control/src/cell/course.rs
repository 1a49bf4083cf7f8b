//! Where a cell stands and how far it has come, and waiting for either.
//!
//! The cell's one task moves it; handles look at it and wait. Waiters are woken in the order in which they came, which a
//! `watch` would not do.

use std::sync::{Mutex, MutexGuard, PoisonError};

use berth_store::{Leader, Lease, Revision};
use tokio::sync::Notify;

use super::CellError;

/// Whether this server is the one that writes.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// Another server leads, if any does; what it commits is applied here.
    Following { leader: Option<Leader> },
    /// This server is the one that writes.
    Leading,
    /// Nothing happens here any more.
    Ended(CellError),
}

#[derive(Debug)]
pub(super) struct Course {
    place: Mutex<Place>,
    moved: Notify,
}

#[derive(Debug)]
pub(super) struct Place {
    pub(super) standing: Standing,
    /// The newest batch that readers see.
    pub(super) applied: Revision,
    /// The newest batch that the store may have: one more while a commit is in flight.
    pub(super) sealed: Revision,
    /// Of the leadership, while there is one.
    pub(super) lease: Option<Lease>,
}

impl Course {
    pub(super) fn new(standing: Standing, applied: Revision) -> Self {
        let place = Place { standing, applied, sealed: applied, lease: None };
        Course { place: Mutex::new(place), moved: Notify::new() }
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&Place) -> T) -> T {
        look(&self.lock())
    }

    pub(super) fn move_on(&self, change: impl FnOnce(&mut Place)) {
        change(&mut self.lock());
        self.moved.notify_waiters();
    }

    /// Nobody waits for a commit to begin.
    pub(super) fn seal(&self) {
        let mut place = self.lock();
        place.sealed = Revision(place.applied.0 + 1);
    }

    /// Ends it, unless it has ended; whether it had not.
    pub(super) fn end(&self, reason: CellError) -> bool {
        let mut ended = false;
        self.move_on(|place| {
            if !matches!(place.standing, Standing::Ended(_)) {
                (place.standing, place.lease, ended) = (Standing::Ended(reason), None, true);
            }
        });
        ended
    }

    pub(super) fn ended(&self) -> Option<CellError> {
        self.look(|place| match &place.standing {
            Standing::Ended(reason) => Some(reason.clone()),
            Standing::Following { .. } | Standing::Leading => None,
        })
    }

    /// Waits until there is something to see.
    pub(super) async fn until<T>(&self, look: impl Fn(&Place) -> Option<T>) -> T {
        loop {
            let moved = self.moved.notified();
            if let Some(seen) = look(&self.lock()) {
                return seen;
            }
            moved.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Place> {
        // No code that can panic runs while it is being changed.
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
