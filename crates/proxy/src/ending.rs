//! Asking connections to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

/// What whoever is inside a door looks at. Cheap to clone; all clones are of the same door.
#[derive(Clone, Default)]
pub(crate) struct Ending {
    asked: CancellationToken,
    is_succeeded: Arc<AtomicBool>,
    /// As the token knows, without its lock.
    is_asked: Arc<AtomicBool>,
}

/// Why somebody is asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The door is closed: whoever has nothing under way goes at once.
    Closed,
    /// Another process is behind the door: whoever comes anew finds it, and who is inside may stay until they have no more to ask. A connection that
    /// were closed now might have a request on its way.
    Succeeded,
}

impl Ending {
    /// The first word holds.
    pub(crate) fn ask(&self, why: Why) {
        if !self.asked.is_cancelled() {
            self.is_succeeded.store(why == Why::Succeeded, Ordering::Release);
        }
        self.is_asked.store(true, Ordering::Release);
        self.asked.cancel();
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::Acquire)
    }

    /// Waits until whoever has nothing under way is to go at once.
    pub(crate) async fn closed(&self) {
        if self.asked().await != Why::Closed {
            std::future::pending().await
        }
    }

    /// Waits to be asked.
    pub(crate) async fn asked(&self) -> Why {
        self.asked.cancelled().await;
        match self.is_succeeded.load(Ordering::Acquire) {
            true => Why::Succeeded,
            false => Why::Closed,
        }
    }
}
