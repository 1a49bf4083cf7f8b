//! Who is connected to this server right now, and what their sessions have to look at.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use berth_model::{ContainerInstanceId, TaskId};
use tokio::sync::Notify;

/// A session that is told of more than these before it looks may as well look at everything.
const MOST_NEWS: usize = 1_024;

/// The open ACS sessions, by container instance. At most one each: the newest.
#[derive(Clone, Default)]
pub struct Roster {
    seats: Arc<Mutex<Seats>>,
}

#[derive(Default)]
struct Seats {
    by_instance: BTreeMap<ContainerInstanceId, Arc<Bell>>,
}

/// How a session is roused. There is one for each agent, so it is small.
#[derive(Default)]
struct Bell {
    wake: Notify,
    news: Mutex<News>,
    is_replaced: AtomicBool,
    replaced: Notify,
}

/// What has changed since a session looked last.
#[derive(Debug, PartialEq, Eq)]
pub enum News {
    /// These tasks, some of them more than once; or the instance alone.
    Tasks(Vec<TaskId>),
    /// Nobody knows what.
    Everything,
}

/// A session's place; dropped with the session, which alone waits here.
pub struct Seat {
    roster: Roster,
    instance: ContainerInstanceId,
    bell: Arc<Bell>,
}

impl Roster {
    /// Takes the instance's seat. A session that had it is told that it is replaced.
    pub fn enter(&self, instance: ContainerInstanceId) -> Seat {
        let bell = Arc::new(Bell::default());
        if let Some(older) = self.lock().by_instance.insert(instance, bell.clone()) {
            older.is_replaced.store(true, Ordering::Release);
            older.replaced.notify_one();
        }
        Seat { roster: self.clone(), instance, bell }
    }

    /// Something about this instance itself changed.
    pub fn instance_changed(&self, instance: &ContainerInstanceId) {
        if let Some(bell) = self.lock().by_instance.get(instance) {
            bell.wake.notify_one();
        }
    }

    /// A task of this instance changed.
    pub fn task_changed(&self, instance: &ContainerInstanceId, task: TaskId) {
        if let Some(bell) = self.lock().by_instance.get(instance) {
            bell.news().add(task);
            bell.wake.notify_one();
        }
    }

    /// Anything may have changed.
    pub fn all_changed(&self) {
        for bell in self.lock().by_instance.values() {
            *bell.news() = News::Everything;
            bell.wake.notify_one();
        }
    }

    pub fn is_connected(&self, instance: &ContainerInstanceId) -> bool {
        self.lock().by_instance.contains_key(instance)
    }

    fn lock(&self) -> MutexGuard<'_, Seats> {
        // Nothing can panic while the lock is held half-way: every change is one map operation.
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for News {
    fn default() -> Self {
        Self::Tasks(Vec::new())
    }
}

impl News {
    fn add(&mut self, task: TaskId) {
        match self {
            Self::Tasks(tasks) if tasks.len() < MOST_NEWS => tasks.push(task),
            _ => *self = Self::Everything,
        }
    }
}

impl Bell {
    fn news(&self) -> MutexGuard<'_, News> {
        // Whole at any time, like the seats.
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Waits until something may have changed, and says what. News that came before are not lost.
    pub async fn woken(&self) -> News {
        self.bell.wake.notified().await;
        std::mem::take(&mut *self.bell.news())
    }

    /// Whether a newer session has taken the seat.
    pub fn is_replaced(&self) -> bool {
        self.bell.is_replaced.load(Ordering::Acquire)
    }

    /// Waits until a newer session has taken the seat.
    pub async fn replaced(&self) {
        while !self.is_replaced() {
            self.bell.replaced.notified().await;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.roster.lock();
        let taken = seats.by_instance.get(&self.instance);
        // An old session does not clear the seat of the one that replaced it.
        if taken.is_some_and(|bell| Arc::ptr_eq(bell, &self.bell)) {
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
    async fn news_before_the_wait_are_not_lost() {
        let roster = Roster::default();
        let seat = roster.enter(INSTANCE);
        let task = |byte| TaskId::from_bytes([byte; 16]);
        roster.task_changed(&INSTANCE, task(1));
        roster.task_changed(&INSTANCE, task(2));
        assert_eq!(seat.woken().await, News::Tasks(vec![task(1), task(2)]));
        roster.instance_changed(&INSTANCE);
        assert_eq!(seat.woken().await, News::Tasks(Vec::new()));
        roster.all_changed();
        roster.task_changed(&INSTANCE, task(3));
        assert_eq!(seat.woken().await, News::Everything);
    }

    #[tokio::test]
    async fn news_that_nobody_hears_do_not_grow() {
        let roster = Roster::default();
        let seat = roster.enter(INSTANCE);
        for _ in 0..=MOST_NEWS {
            roster.task_changed(&INSTANCE, TaskId::from_bytes([1; 16]));
        }
        assert_eq!(seat.woken().await, News::Everything);
    }
}
