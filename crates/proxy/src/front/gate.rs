//! What stands between a client's bytes and the parser of HTTP/1: it sees each head whole before the parser does.
//!
//! A head is judged as ELB judges it (`verdict.rs`), and what a lax client may write and a strict parser may not read is written
//! properly. One that is refused never gets to the parser: in its place comes a request of our own, whose verdict says what is
//! answered. So no two readers of a request disagree about where it ends. Bodies are counted and passed on (`message.rs`).
//!
//! Time is kept here, too: how long a connection may wait for a request, and a request for its end.

mod head;
mod patience;
#[cfg(test)]
mod tests;
mod verdict;
mod verdicts;

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use berth_proxy_protocol::{DesyncMitigation, HeaderNames};
use bytes::{Buf, BytesMut};
use http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;
use tokio_util::io::poll_read_buf;

use head::Examined;
use patience::Patience;
pub(super) use verdict::Verdict;
pub(super) use verdicts::Verdicts;

use crate::message::{Framing, head_length};

/// AWS: what a request's head may have.
const HEAD_BYTES: usize = 64 * 1024;

/// What is read at once: at first, and of a client that sends more than that.
const LEAST_ROOM: usize = 1024;
const MOST_ROOM: usize = 64 * 1024;

/// In place of a request that is refused.
const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n";

/// How a gate judges.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub(super) mitigation: DesyncMitigation,
    pub(super) names: HeaderNames,
    pub(super) idle: Duration,
}

pub(super) struct Gate<S> {
    stream: S,
    manner: Manner,
    verdicts: Arc<Verdicts>,
    /// What came and was not looked at yet.
    raw: BytesMut,
    /// What may pass.
    passing: BytesMut,
    state: State,
    /// How much of `raw` has no end of a head, when it was last looked at.
    searched: usize,
    /// How much is read at once.
    room: usize,
    patience: Patience,
    /// The same for a client that takes nothing of what it is answered.
    taking: Patience,
}

enum State {
    Head,
    Body(Framing),
    /// It is no HTTP any more.
    Open,
    /// Nothing more is read.
    Shut,
}

impl<S> Gate<S> {
    pub(super) fn new(stream: S, manner: Manner, verdicts: Arc<Verdicts>) -> Gate<S> {
        Gate {
            stream,
            manner,
            verdicts,
            raw: BytesMut::new(),
            passing: BytesMut::new(),
            state: State::Head,
            searched: 0,
            room: LEAST_ROOM,
            patience: Patience::default(),
            taking: Patience::default(),
        }
    }

    /// Looks at what came until something may pass, or more has to come.
    fn look(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while self.passing.is_empty() && !self.raw.is_empty() {
            match &mut self.state {
                State::Head if self.verdicts.is_open() => self.state = State::Open,
                State::Head => {
                    if self.verdicts.holds_back(cx) {
                        return Ok(());
                    }
                    let Some(length) = self.head_length() else {
                        if self.raw.len() > HEAD_BYTES {
                            self.refuse(head::too_long(&self.raw));
                        }
                        return Ok(());
                    };
                    if length > HEAD_BYTES {
                        self.refuse(head::too_long(&self.raw));
                        return Ok(());
                    }
                    let head = self.raw.split_to(length);
                    self.searched = 0;
                    self.patience.renew();
                    match head::examine(head, self.manner.mitigation, self.manner.names) {
                        Examined::Nothing => {}
                        Examined::Passes { head, verdict, framing } => {
                            self.state = State::Body(framing);
                            self.passing = head;
                            self.verdicts.put(*verdict);
                        }
                        Examined::Refused(verdict) => {
                            self.refuse(*verdict);
                            return Ok(());
                        }
                    }
                }
                State::Body(framing) => {
                    let length = framing.take(&self.raw)?;
                    if framing.is_over() {
                        self.state = State::Head;
                    }
                    self.passing = self.raw.split_to(length);
                }
                State::Open => self.passing = self.raw.split(),
                State::Shut => self.raw.clear(),
            }
        }
        if matches!(&self.state, State::Body(framing) if framing.is_over()) {
            self.state = State::Head;
        }
        Ok(())
    }

    /// How long the head is with which `raw` begins, if all of it is there.
    fn head_length(&mut self) -> Option<usize> {
        // Empty lines before a request are no head (RFC 9112, 2.2); they are taken away with it.
        let blank = self.raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let length = head_length(&self.raw, self.searched.saturating_sub(3).max(blank));
        if length.is_none() {
            self.searched = self.raw.len();
        }
        length
    }

    fn refuse(&mut self, verdict: Verdict) {
        self.raw.clear();
        self.passing = BytesMut::from(STAND_IN);
        self.state = State::Shut;
        self.verdicts.put(verdict);
    }
}

impl<S: AsyncRead + Unpin> Gate<S> {
    /// Waits for the first bytes of a request; false if none come any more.
    pub(super) async fn wait(&mut self) -> io::Result<bool> {
        poll_fn(|cx| {
            while self.raw.is_empty() {
                match self.poll_more(cx)? {
                    Poll::Ready(0) => return Poll::Ready(Ok(false)),
                    Poll::Ready(_) => {}
                    Poll::Pending => ready!(self.poll_patience(cx))?,
                }
                if matches!(self.state, State::Shut) {
                    return Poll::Ready(Ok(false));
                }
            }
            Poll::Ready(Ok(true))
        })
        .await
    }

    fn is_between(&self) -> bool {
        matches!(self.state, State::Head) && self.raw.is_empty()
    }

    /// Takes what the client sent; how much that is, and 0 at its end.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let was_empty = self.raw.is_empty();
        if was_empty && self.raw.capacity() < self.room {
            self.raw = BytesMut::with_capacity(self.room);
        } else {
            self.raw.reserve(self.room);
        }
        let read = ready!(poll_read_buf(Pin::new(&mut self.stream), cx, &mut self.raw))?;
        // Whoever sends much gets room; connections that wait are many, and get little.
        self.room = match self.raw.len() == self.raw.capacity() {
            true => (self.room * 2).min(MOST_ROOM),
            false if read < self.room / 4 => LEAST_ROOM,
            false => self.room,
        };
        if was_empty || !matches!(self.state, State::Head) {
            self.patience.renew();
        }
        Poll::Ready(Ok(read))
    }

    /// Whether waiting took too long. A head has to be whole in that time; a body only has to go on.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.state {
            State::Head if self.raw.is_empty() => loop {
                ready!(self.patience.poll(self.manner.idle, cx));
                let now = Instant::now();
                let until = self.verdicts.rests_since().unwrap_or(now) + self.manner.idle;
                if until <= now {
                    // AWS: whoever asks nothing is not told why the connection ends.
                    self.state = State::Shut;
                    return Poll::Ready(Ok(()));
                }
                self.patience.extend(until);
            },
            State::Head => {
                ready!(self.patience.poll(self.manner.idle, cx));
                let verdict = Verdict::refused(StatusCode::REQUEST_TIMEOUT, &self.raw);
                self.refuse(verdict);
                Poll::Ready(Ok(()))
            }
            State::Body(_) => {
                ready!(self.patience.poll(self.manner.idle, cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            State::Open | State::Shut => Poll::Pending,
        }
    }
}

impl<S> Gate<S> {
    /// What came of writing, or an error if nothing could be written for too long.
    fn unless_too_slow<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.taking.renew();
            return written;
        }
        ready!(self.taking.poll(self.manner.idle, cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gate<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            this.look(cx)?;
            let is_between = this.passing.is_empty() && this.is_between();
            this.verdicts.between(is_between);
            if !this.passing.is_empty() {
                let length = this.passing.len().min(buffer.remaining());
                buffer.put_slice(&this.passing[..length]);
                this.passing.advance(length);
                return Poll::Ready(Ok(()));
            }
            if matches!(this.state, State::Shut) {
                // The end of what is read would be taken for the client's leaving, and its answer would be lost.
                return match this.verdicts.is_busy() {
                    true => Poll::Pending,
                    false => Poll::Ready(Ok(())),
                };
            }
            if matches!(this.state, State::Head) && !this.raw.is_empty() && this.verdicts.is_busy()
            {
                return Poll::Pending;
            }
            match this.poll_more(cx)? {
                Poll::Ready(0) => return Poll::Ready(Ok(())),
                Poll::Ready(_) => {}
                Poll::Pending => ready!(this.poll_patience(cx))?,
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gate<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.verdicts.flushed(false);
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.unless_too_slow(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.verdicts.flushed(false);
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.unless_too_slow(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        // Whoever flushes has written all that there was.
        self.verdicts.flushed(flushed.is_ready());
        self.unless_too_slow(flushed, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
