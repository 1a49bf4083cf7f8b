//! Who is connected to this server right now, and how to rouse their sessions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use berth_model::ContainerInstanceId;
use tokio::sync::{Notify, watch};

/// The open ACS sessions, by container instance. At most one each: the newest.
#[derive(Clone, Default)]
pub struct Roster {
    seats: Arc<Mutex<Seats>>,
}

#[derive(Default)]
struct Seats {
    by_instance: BTreeMap<ContainerInstanceId, Taken>,
    /// Numbers the sessions, so that an old one does not clear the seat of the one that replaced it.
    last: u64,
}

struct Taken {
    number: u64,
    wake: Arc<Notify>,
    replaced: watch::Sender<bool>,
}

/// A session's place; dropped with the session.
pub struct Seat {
    roster: Roster,
    instance: ContainerInstanceId,
    number: u64,
    wake: Arc<Notify>,
    replaced: watch::Receiver<bool>,
}

impl Roster {
    /// Takes the instance's seat. A session that had it is told that it is replaced.
    pub fn enter(&self, instance: ContainerInstanceId) -> Seat {
        let (wake, (replaced, hears)) = (Arc::new(Notify::new()), watch::channel(false));
        let mut seats = self.lock();
        seats.last += 1;
        let number = seats.last;
        let taken = Taken { number, wake: wake.clone(), replaced };
        if let Some(older) = seats.by_instance.insert(instance, taken) {
            older.replaced.send_replace(true);
        }
        Seat { roster: self.clone(), instance, number, wake, replaced: hears }
    }

    /// Something about this instance changed. Says nothing about what.
    pub fn wake(&self, instance: &ContainerInstanceId) {
        if let Some(taken) = self.lock().by_instance.get(instance) {
            taken.wake.notify_one();
        }
    }

    pub fn wake_all(&self) {
        for taken in self.lock().by_instance.values() {
            taken.wake.notify_one();
        }
    }

    pub fn is_connected(&self, instance: &ContainerInstanceId) -> bool {
        self.lock().by_instance.contains_key(instance)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seats> {
        // Nothing can panic while the lock is held half-way: every change is one map operation.
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Waits until something may have changed. A wake-up that came before is not lost.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Whether a newer session has taken the seat.
    pub fn is_replaced(&self) -> bool {
        *self.replaced.borrow()
    }

    /// Waits until a newer session has taken the seat.
    pub async fn replaced(&self) {
        // The sender goes away only when it is replaced or the seat itself is dropped.
        let _ = self.replaced.clone().wait_for(|replaced| *replaced).await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.roster.lock();
        if seats.by_instance.get(&self.instance).is_some_and(|taken| taken.number == self.number) {
            seats.by_instance.remove(&self.instance);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSTANCE: ContainerInstanceId = ContainerInstanceId::from_bytes([1; 16]);

    #[tokio::test(start_paused = true)]
    async fn a_newer_session_replaces_an_older_one() {
        let roster = Roster::default();
        let older = roster.enter(INSTANCE);
        let newer = roster.enter(INSTANCE);
        older.replaced().await;
        assert!(older.is_replaced() && !newer.is_replaced());
        let unheard =
            tokio::time::timeout(std::time::Duration::from_millis(1), newer.replaced()).await;
        assert!(unheard.is_err(), "only the older one is replaced");
        drop(older);
        assert!(roster.is_connected(&INSTANCE), "the older session's end is not the newer one's");
        drop(newer);
        assert!(!roster.is_connected(&INSTANCE));
    }

    #[tokio::test]
    async fn a_wake_up_before_the_wait_is_not_lost() {
        let roster = Roster::default();
        let seat = roster.enter(INSTANCE);
        roster.wake(&INSTANCE);
        seat.woken().await;
    }
}
