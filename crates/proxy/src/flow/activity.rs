//! When anything was last carried, for those who wait for silence.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

pub(super) struct Activity {
    began_at: Instant,
    /// In milliseconds since then.
    last: AtomicU64,
}

impl Activity {
    pub(super) fn begin() -> Self {
        Self { began_at: Instant::now(), last: AtomicU64::new(0) }
    }

    /// Something was carried.
    pub(super) fn touch(&self) {
        // Enough for half a billion years.
        let now = self.began_at.elapsed().as_millis() as u64;
        self.last.store(now, Ordering::Relaxed);
    }

    /// Until nothing was carried for that long.
    pub(super) async fn silence(&self, lasts: Duration) {
        loop {
            let end = self.last() + lasts;
            if end <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(end).await;
        }
    }

    fn last(&self) -> Instant {
        self.began_at + Duration::from_millis(self.last.load(Ordering::Relaxed))
    }
}
