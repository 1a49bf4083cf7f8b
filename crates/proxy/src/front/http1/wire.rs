//! What a client sends, message by message, and the time it may take.
//!
//! Whoever answers a request and whoever reads its body have the same connection, and take turns.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use berth_proxy_protocol::{DesyncMitigation, HeaderNames};
use bytes::{Buf, Bytes, BytesMut};
use http::{Request, StatusCode, Version, header};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_util::io::poll_read_buf;

use super::Next;
use super::body::RequestBody;
use super::head::{self, Examined};
use super::patience::Patience;
use super::verdict::Verdict;
use crate::message::{Framing, head_length};
use crate::socket::Socket;

/// AWS: what a request's head may have.
const HEAD_BYTES: usize = 64 * 1024;

/// What is read at once: at first, and of a client that sends more than that.
const LEAST_ROOM: usize = 1024;
const MOST_ROOM: usize = 64 * 1024;

/// How long a connection may take to say that it ends.
const GOODBYE: Duration = Duration::from_secs(1);

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// How requests are judged.
#[derive(Clone, Copy, Debug)]
pub(in crate::front) struct Manner {
    pub(in crate::front) mitigation: DesyncMitigation,
    pub(in crate::front) names: HeaderNames,
    pub(in crate::front) idle: Duration,
}

/// One client's connection.
#[derive(Clone)]
pub(in crate::front) struct Wire(Arc<Mutex<Inner>>);

struct Inner {
    socket: Socket,
    manner: Manner,
    /// What came and was not taken yet.
    raw: BytesMut,
    state: State,
    /// How much of `raw` has no end of a head, when it was last looked at.
    searched: usize,
    /// How much is read at once.
    room: usize,
    patience: Patience,
    /// The same for a client that takes nothing of what it is answered.
    taking: Patience,
    /// Whether the client sends its body when it is told to.
    has_to_be_told: bool,
    /// What is written before anything else.
    first: &'static [u8],
    /// Requests that were there before.
    number: u64,
}

enum State {
    Head,
    Body(Framing),
    /// Nothing more is read.
    Shut,
}

/// A request as it came, but for its body.
pub(super) struct Heard {
    pub(super) request: Request<()>,
    pub(super) verdict: Verdict,
    /// None if it has no body.
    pub(super) body: Option<RequestBody>,
}

/// Some of a body.
pub(super) struct Taken {
    /// There is none where trailers begin.
    pub(super) data: Option<Bytes>,
    /// Whether that was the last of it.
    pub(super) is_over: bool,
}

impl Wire {
    pub(super) fn new(socket: Socket, manner: Manner) -> Wire {
        Wire(Arc::new(Mutex::new(Inner {
            socket,
            manner,
            raw: BytesMut::new(),
            state: State::Head,
            searched: 0,
            room: LEAST_ROOM,
            patience: Patience::default(),
            taking: Patience::default(),
            has_to_be_told: false,
            first: b"",
            number: 0,
        })))
    }

    /// Waits for the first bytes of a request, or for `most` of a silence.
    pub(super) async fn wait(&self, most: Option<Duration>) -> io::Result<Next> {
        poll_fn(|cx| self.inner().poll_wait(most, cx)).await
    }

    /// The next request, of which something has come. None if the client has gone before it was whole.
    pub(super) async fn hear(&self) -> io::Result<Option<Heard>> {
        let heard = poll_fn(|cx| self.inner().poll_head(cx)).await?;
        let Some(mut heard) = heard else { return Ok(None) };
        let mut inner = self.inner();
        if let State::Body(_) = inner.state {
            inner.has_to_be_told = waits_to_be_told(&heard.request);
            heard.body = Some(RequestBody::new(self.clone(), inner.number));
        }
        Ok(Some(heard))
    }

    /// Ready if the client leaves while it is answered.
    pub(super) fn poll_gone(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.inner().poll_gone(cx)
    }

    pub(super) fn poll_body(
        &self,
        number: u64,
        trailers: &mut Vec<u8>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Taken>> {
        self.inner().poll_body(number, trailers, cx)
    }

    /// A request is answered; whether another may come.
    pub(super) fn rest(&self) -> bool {
        self.inner().rest()
    }

    /// Closes the connection. What the client is still sending is read for a while, or it might never see its answer.
    pub(super) async fn leave(mut self) -> io::Result<()> {
        if self.inner().may_just_end() {
            return Ok(());
        }
        let leaving = tokio::time::timeout(GOODBYE, async {
            self.shutdown().await?;
            poll_fn(|cx| self.inner().poll_silence(cx)).await
        });
        leaving.await.unwrap_or(Ok(()))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// RFC 9110, 10.1.1.
fn waits_to_be_told(request: &Request<()>) -> bool {
    let expected = request.headers().get(header::EXPECT);
    request.version() == Version::HTTP_11
        && expected.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

impl Inner {
    fn poll_wait(
        &mut self,
        most: Option<Duration>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Next>> {
        while self.raw.is_empty() {
            match self.poll_more(cx)? {
                Poll::Ready(0) => return Poll::Ready(Ok(Next::Leave)),
                Poll::Ready(_) => {}
                Poll::Pending => {
                    let idle = self.manner.idle;
                    return match most.filter(|most| *most < idle) {
                        Some(most) => self.patience.poll(most, cx).map(|()| Ok(Next::Rest)),
                        // AWS: whoever asks nothing is not told why the connection ends.
                        None => self.patience.poll(idle, cx).map(|()| Ok(Next::Leave)),
                    };
                }
            }
        }
        Poll::Ready(Ok(Next::Wait))
    }

    /// A head has to be whole in the time that a connection may be silent.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Heard>>> {
        loop {
            let length = self.head_length();
            if length.unwrap_or(self.raw.len()) > HEAD_BYTES {
                let verdict = head::too_long(&self.raw);
                return Poll::Ready(Ok(Some(self.refuse(verdict))));
            }
            if let Some(length) = length {
                let head = self.raw.split_to(length).freeze();
                self.searched = 0;
                let examined = head::examine(head, self.manner.mitigation, self.manner.names);
                let Some(Examined { request, verdict, framing }) = examined else { continue };
                if verdict.refusal.is_some() {
                    return Poll::Ready(Ok(Some(self.refuse(verdict))));
                }
                self.patience.renew();
                self.number += 1;
                if !framing.is_over() {
                    self.state = State::Body(framing);
                }
                return Poll::Ready(Ok(Some(Heard { request, verdict, body: None })));
            }
            match self.poll_more(cx)? {
                Poll::Ready(0) => return Poll::Ready(Ok(None)),
                Poll::Ready(_) => {}
                Poll::Pending => {
                    ready!(self.patience.poll(self.manner.idle, cx));
                    let verdict = Verdict::refused(StatusCode::REQUEST_TIMEOUT, &self.raw);
                    return Poll::Ready(Ok(Some(self.refuse(verdict))));
                }
            }
        }
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

    /// Nobody knows what such a request is, or where it ends: what is answered says its verdict alone.
    fn refuse(&mut self, verdict: Verdict) -> Heard {
        self.state = State::Shut;
        Heard { request: Request::new(()), verdict, body: None }
    }

    fn poll_body(
        &mut self,
        number: u64,
        trailers: &mut Vec<u8>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Taken>> {
        if std::mem::take(&mut self.has_to_be_told) {
            self.first = CONTINUE;
        }
        // What cannot be written now is written with the answer, or when somebody asks again.
        if let Poll::Ready(Err(error)) = self.poll_first(cx) {
            return Poll::Ready(Err(error));
        }
        loop {
            let State::Body(framing) = &mut self.state else {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            };
            if self.number != number {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            let data = framing.data(&mut self.raw, trailers)?;
            let is_over = framing.is_over();
            if is_over {
                self.state = State::Head;
            }
            if is_over || data.is_some() {
                self.patience.renew();
                let data = data.map(BytesMut::freeze);
                return Poll::Ready(Ok(Taken { data, is_over }));
            }
            match self.poll_more(cx)? {
                Poll::Ready(0) => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
                Poll::Ready(_) => {}
                // A body only has to go on.
                Poll::Pending => {
                    ready!(self.patience.poll(self.manner.idle, cx));
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
            }
        }
    }

    fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &self.state {
            State::Head if self.raw.is_empty() => {
                let read = ready!(self.poll_more(cx));
                match read {
                    // It asks something else already.
                    Ok(1..) => Poll::Pending,
                    Ok(0) | Err(_) => Poll::Ready(()),
                }
            }
            // Whoever reads the body finds out.
            State::Body(_) | State::Head | State::Shut => Poll::Pending,
        }
    }

    fn rest(&mut self) -> bool {
        self.patience.renew();
        self.has_to_be_told = false;
        if let State::Body(framing) = &mut self.state {
            // What nobody wanted is taken away, if it is there.
            let Ok(length) = framing.take(&self.raw) else { return false };
            if !framing.is_over() {
                return false;
            }
            self.raw.advance(length);
            self.state = State::Head;
        }
        if self.raw.is_empty() && self.room > LEAST_ROOM {
            // Connections that wait are many.
            (self.raw, self.room) = (BytesMut::new(), LEAST_ROOM);
        }
        matches!(self.state, State::Head)
    }

    /// Whether a client sees the end as it should when its socket is let go: that takes as much as to say goodbye.
    fn may_just_end(&self) -> bool {
        matches!((&self.socket, &self.state), (Socket::Plain(_), State::Head))
            && self.raw.is_empty()
    }

    /// Ready when the client has nothing more to say, or says nothing more that anybody waits for.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if matches!(self.state, State::Head) && self.raw.is_empty() {
            return Poll::Ready(Ok(()));
        }
        self.state = State::Shut;
        loop {
            self.raw.clear();
            if ready!(self.poll_more(cx))? == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Takes what the client sent; how much that is, and 0 at its end.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let was_empty = self.raw.is_empty();
        if was_empty && self.raw.capacity() < self.room {
            self.raw = BytesMut::with_capacity(self.room);
        } else {
            self.raw.reserve(self.room);
        }
        let read = ready!(poll_read_buf(Pin::new(&mut self.socket), cx, &mut self.raw))?;
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

    /// Writes what goes before anything else.
    fn poll_first(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.first.is_empty() {
            match ready!(Pin::new(&mut self.socket).poll_write(cx, self.first))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.first = &self.first[written..],
            }
            if self.first.is_empty() {
                return Pin::new(&mut self.socket).poll_flush(cx);
            }
        }
        Poll::Ready(Ok(()))
    }

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

    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut Socket>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        self.has_to_be_told = false;
        let written = match self.poll_first(cx) {
            Poll::Ready(Ok(())) => write(Pin::new(&mut self.socket), cx),
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        };
        self.unless_too_slow(written, cx)
    }
}

/// Whatever it became, for whoever does not speak HTTP by it: first comes what was read already.
impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut inner = self.inner();
        if inner.raw.is_empty() {
            return Pin::new(&mut inner.socket).poll_read(cx, buffer);
        }
        let length = inner.raw.len().min(buffer.remaining());
        buffer.put_slice(&inner.raw[..length]);
        inner.raw.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.inner().poll_write(cx, |socket, cx| socket.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.inner().poll_write(cx, |socket, cx| socket.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner().socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut inner = self.inner();
        let flushed = Pin::new(&mut inner.socket).poll_flush(cx);
        inner.unless_too_slow(flushed, cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner().socket).poll_shutdown(cx)
    }
}
