//! Who asked for what, and what became of it: one line for every call, in files that only grow.
//!
//! A call is begun only when there is room to tell of it, so no call goes untold, also one whose client went away
//! while it ran. What a model calls sensitive is never written. The lines have CloudTrail's members.
//!
//! Start with [`Audit`]; `entry.rs` is a line, `redacted.rs` what is shown of a request, `files.rs` where lines go.

mod entry;
mod files;
mod redacted;
#[cfg(test)]
mod tests;

use tokio::sync::mpsc;

pub(crate) use entry::is_read;
pub use entry::{Entry, Identity, Problem};
pub use files::{Files, FilesOptions};
pub use redacted::redacted;

/// Where calls are told. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Audit(mpsc::Sender<Line>);

/// Room for one line.
#[derive(Debug)]
pub struct Room(mpsc::OwnedPermit<Line>);

/// JSON, with the newline at its end.
pub type Line = Vec<u8>;

/// Lines that may wait to be written; more calls than that wait for them.
const WAITING: usize = 4096;

impl Audit {
    /// The lines come out at the other end.
    pub fn channel() -> (Audit, mpsc::Receiver<Line>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Audit(sender), receiver)
    }

    /// `None` once nobody writes any more: the server is stopping.
    pub async fn room(&self) -> Option<Room> {
        self.0.clone().reserve_owned().await.ok().map(Room)
    }
}

impl Room {
    pub fn tell(self, entry: &Entry<'_>) {
        self.0.send(entry.line());
    }
}
