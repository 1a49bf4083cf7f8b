//! The two ends of a socket inside this process.

use std::sync::{Arc, OnceLock};

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// The service's end of a web socket. Dropping it closes the socket once all that was sent is out.
pub struct Socket {
    /// What the client sends; `None` when no more will come, and [`Socket::ended`] then says why.
    pub incoming: Incoming,
    /// What the client gets. Sending fails when the socket is gone and waits while the client is slow.
    pub outgoing: mpsc::Sender<String>,
    close: oneshot::Sender<Close>,
    ended: Arc<OnceLock<Ended>>,
}

/// The frames of the client, as long as it is to be believed.
pub struct Incoming {
    frames: mpsc::Receiver<String>,
    revocation: Option<CancellationToken>,
    ended: Arc<OnceLock<Ended>>,
}

/// The connection's end: whatever carries the frames.
pub struct Wire {
    pub incoming: mpsc::Sender<String>,
    pub outgoing: mpsc::Receiver<String>,
    /// Resolves when the service closes the socket with a word, fails when it just drops it.
    pub close: oneshot::Receiver<Close>,
    ended: Arc<OnceLock<Ended>>,
}

/// A close frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    pub code: u16,
    pub reason: String,
}

/// Why no more frames come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The client said goodbye, with a close frame's content if it sent any.
    Closed(Option<Close>),
    /// The connection broke, fell silent or spoke nonsense.
    Lost(String),
    /// This server shuts down.
    Stopping,
    /// What the client proved when it opened the socket holds no longer.
    Revoked,
}

impl Close {
    pub const NORMAL: u16 = 1000;
    pub const GOING_AWAY: u16 = 1001;
    pub const UNSUPPORTED: u16 = 1003;
    pub const TOO_BIG: u16 = 1009;
    pub const INTERNAL: u16 = 1011;

    pub fn new(code: u16, reason: impl Into<String>) -> Self {
        Close { code, reason: reason.into() }
    }
}

impl Socket {
    /// Both ends; at most `capacity` frames wait in either direction.
    pub fn pair(capacity: usize) -> (Socket, Wire) {
        let (to_service, frames) = mpsc::channel(capacity);
        let (outgoing, to_client) = mpsc::channel(capacity);
        let (close, closed) = oneshot::channel();
        let ended = Arc::new(OnceLock::new());
        let wire = Wire {
            incoming: to_service,
            outgoing: to_client,
            close: closed,
            ended: Arc::clone(&ended),
        };
        let incoming = Incoming { frames, revocation: None, ended: Arc::clone(&ended) };
        (Socket { incoming, outgoing, close, ended }, wire)
    }

    /// Why the client's side is over; `None` while it is not.
    pub fn ended(&self) -> Option<&Ended> {
        self.ended.get()
    }

    /// Sends what is still queued, then a close frame. The code and reason are for the client.
    pub fn close(self, close: Close) {
        // The other end is gone already if nobody takes it: then there is nothing left to close.
        let _ = self.close.send(close);
    }
}

impl Incoming {
    /// The next frame; `None` when no more will come.
    pub async fn recv(&mut self) -> Option<String> {
        let Some(revocation) = &self.revocation else { return self.frames.recv().await };
        tokio::select! {
            biased;
            () = revocation.cancelled() => {
                // The client may have left first.
                let _ = self.ended.set(Ended::Revoked);
                None
            }
            frame = self.frames.recv() => frame,
        }
    }

    /// Gives nothing more once this is cancelled.
    pub(super) fn end_at(&mut self, revocation: CancellationToken) {
        self.revocation = Some(revocation);
    }
}

impl Wire {
    /// Tells the service why there will be no more frames. The first word counts; say it before dropping `incoming`.
    pub fn end(&self, reason: Ended) {
        // A second reason is only an echo of the first.
        let _ = self.ended.set(reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_service_hears_why_the_client_left() {
        let (mut socket, wire) = Socket::pair(4);
        wire.incoming.send("hello".into()).await.unwrap();
        assert_eq!(socket.ended(), None);
        wire.end(Ended::Lost("reset".into()));
        wire.end(Ended::Stopping);
        drop(wire);
        assert_eq!(socket.incoming.recv().await.as_deref(), Some("hello"));
        assert_eq!(socket.incoming.recv().await, None);
        assert_eq!(socket.ended(), Some(&Ended::Lost("reset".into())));
        assert!(socket.outgoing.send("too late".into()).await.is_err());
    }

    #[tokio::test]
    async fn nothing_is_heard_of_a_client_that_is_not_believed_any_more() {
        let (mut socket, wire) = Socket::pair(4);
        let revocation = CancellationToken::new();
        socket.incoming.end_at(revocation.clone());
        for frame in ["before", "after"] {
            wire.incoming.send(frame.into()).await.unwrap();
        }
        assert_eq!(socket.incoming.recv().await.as_deref(), Some("before"));
        revocation.cancel();
        assert_eq!(socket.incoming.recv().await, None);
        assert_eq!(socket.ended(), Some(&Ended::Revoked));
    }

    #[tokio::test]
    async fn a_close_comes_after_what_was_sent() {
        let (socket, mut wire) = Socket::pair(4);
        socket.outgoing.send("last words".into()).await.unwrap();
        socket.close(Close::new(Close::NORMAL, "done"));
        assert_eq!(wire.close.await, Ok(Close::new(1000, "done")));
        assert_eq!(wire.outgoing.recv().await.as_deref(), Some("last words"));
        assert_eq!(wire.outgoing.recv().await, None);
    }
}
