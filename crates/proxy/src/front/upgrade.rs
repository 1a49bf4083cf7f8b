//! Connections that stopped speaking HTTP: bytes, both ways.

use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::account::Account;
use super::http1::Wire;
use super::patience::gone;
use crate::pool::Raw;

/// Both sides of a connection that is something else since its answer is out.
pub(super) struct Tunnel {
    client: Wire,
    target: Raw,
    account: Box<Account>,
}

impl Tunnel {
    /// What it carries counts for the request that it began with.
    pub(super) fn new(client: Wire, target: Raw, account: Box<Account>) -> Tunnel {
        Tunnel { client, target, account }
    }

    /// Carries until one side ends, nothing moves for `idle`, or the target is no longer to be had.
    pub(super) async fn carry(mut self, idle: Duration) -> io::Result<()> {
        let moved = AtomicU64::new(0);
        let mut client = Counting { side: self.client, moved: &moved };
        let mut target = Counting { side: self.target, moved: &moved };
        let standing = self.account.picked.as_ref().map(|picked| picked.target().standing());
        let outcome = tokio::select! {
            biased;
            copied = tokio::io::copy_bidirectional(&mut client, &mut target) => copied.map(drop),
            () = silence(&moved, idle) => Ok(()),
            () = gone(standing) => Ok(()),
        };
        self.account.sent(usize::try_from(moved.load(Ordering::Relaxed)).unwrap_or(usize::MAX));
        outcome
    }
}

/// Returns when nothing moved for so long.
async fn silence(moved: &AtomicU64, most: Duration) {
    let mut seen = moved.load(Ordering::Relaxed);
    let mut timer = pin!(tokio::time::sleep(most));
    loop {
        timer.as_mut().await;
        let now = moved.load(Ordering::Relaxed);
        if now == seen {
            return;
        }
        seen = now;
        timer.as_mut().reset(Instant::now() + most);
    }
}

/// One side, whose bytes are counted when they are read.
struct Counting<'a, S> {
    side: S,
    moved: &'a AtomicU64,
}

impl<S: AsyncRead + Unpin> AsyncRead for Counting<'_, S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.side).poll_read(cx, buffer);
        let bytes = buffer.filled().len() - before;
        self.moved.fetch_add(bytes as u64, Ordering::Relaxed);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counting<'_, S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.side).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.side).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.side).poll_shutdown(cx)
    }
}
