//! One connection that speaks HTTP/1.1 (ADR 35).
//!
//! It has no task of its own and no channels: whoever asks writes, then reads, and whoever has the response goes on with both.
//! A request goes out in one piece with the beginning of its body; a response is taken out of what was read, and nothing is copied.

mod arriving;
mod raw;
mod request;
mod response;

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use http::{Method, Request, Response};
use hyper::body::Body as _;
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::io::poll_read_buf;

pub(super) use arriving::Arriving;
pub(crate) use raw::Raw;
use response::{Answer, Asked, Rest};

use super::shelves::Shelves;
use super::{Download, Failure, FailureKind, HEAD_BYTES, Upload};
use crate::message::{Outgoing, Stuck, bad, head_length};
use crate::socket::Socket;

/// What is read at once: at first, and of a target that sends more than that.
const LEAST_ROOM: usize = 4 * 1024;
const MOST_ROOM: usize = 64 * 1024;

pub(super) struct Lane {
    stream: Socket,
    /// What came and was not taken yet.
    raw: BytesMut,
    sending: Outgoing<Upload>,
    /// Why nothing more is sent. What the target says all the same is heard.
    stuck: Option<io::Error>,
    /// How much is read at once.
    room: usize,
    /// Whether there was a request before.
    is_used: bool,
}

impl Lane {
    pub(super) fn new(stream: Socket) -> Box<Lane> {
        Box::new(Lane {
            stream,
            raw: BytesMut::new(),
            sending: Outgoing::default(),
            stuck: None,
            room: LEAST_ROOM,
            is_used: false,
        })
    }

    /// Whether the target keeps the connection, as far as anybody knows, and has nothing to say that nobody asked.
    pub(super) fn is_quiet(&mut self, cx: &mut Context<'_>) -> bool {
        let mut byte = [0];
        let read = Pin::new(&mut self.stream).poll_read(cx, &mut ReadBuf::new(&mut byte));
        read.is_pending()
    }

    /// Sends a request, and gives back the head of what is answered. With the end of its body the connection goes to `keeper`.
    pub(super) async fn send(
        mut self: Box<Self>,
        request: Request<Upload>,
        keeper: Option<&Arc<Shelves>>,
    ) -> Result<Response<Download>, Failure> {
        let (parts, body) = request.into_parts();
        let asked = Asked::of(&parts.method, &parts.headers);
        let has_body = !body.is_end_stream();
        // The target of a connection that waited may have closed it a moment ago. What can do no harm twice is sent again (RFC 9110, 9.2.2).
        let may_repeat = self.is_used && !has_body && is_idempotent(&parts.method);
        self.is_used = true;
        let answered = match request::begin(&mut self.sending, &parts, body) {
            Ok(()) => {
                let mut searched = 0;
                poll_fn(|cx| self.poll_answer(asked, &mut searched, cx)).await
            }
            Err(error) => Err(error),
        };
        match answered {
            Ok(answer) => Ok(self.begin(answer, keeper)),
            Err(error) => {
                let is_unsent = !self.sending.has_begun() && !has_body;
                let request = (is_unsent || may_repeat)
                    .then(|| Box::new(Request::from_parts(parts, Upload::default())));
                Err(Failure { kind: FailureKind::Broken(error), request })
            }
        }
    }

    fn begin(self: Box<Self>, answer: Answer, keeper: Option<&Arc<Shelves>>) -> Response<Download> {
        let Answer { parts, rest, keeps } = answer;
        let keeper = keeper.filter(|_| keeps);
        let body = match rest {
            Rest::Framed(framing) if framing.is_over() => {
                if parts.status == http::StatusCode::SWITCHING_PROTOCOLS {
                    Download::raw(Raw::new(self.stream, self.raw))
                } else {
                    self.end(keeper);
                    Download::over()
                }
            }
            rest => Download::http1(Arriving::new(self, rest, keeper.cloned())),
        };
        Response::from_parts(parts, body)
    }

    /// Gives the connection back if it can be used again.
    fn end(mut self: Box<Self>, keeper: Option<&Arc<Shelves>>) {
        // What nobody asked for is nobody's answer.
        if let Some(keeper) = keeper
            && self.sending.is_over()
            && self.stuck.is_none()
            && self.raw.is_empty()
        {
            if self.room > LEAST_ROOM {
                // Connections that wait are many.
                (self.raw, self.room) = (BytesMut::new(), LEAST_ROOM);
            }
            keeper.put(self);
        }
    }

    fn poll_answer(
        &mut self,
        asked: Asked,
        searched: &mut usize,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Answer>> {
        self.go_on_sending(cx)?;
        loop {
            let length = head_length(&self.raw, searched.saturating_sub(3));
            if length.unwrap_or(self.raw.len()) > HEAD_BYTES {
                return Poll::Ready(Err(bad("a head that is too long")));
            }
            if let Some(length) = length {
                *searched = 0;
                match response::read(self.raw.split_to(length), asked)? {
                    Some(answer) => return Poll::Ready(Ok(answer)),
                    None => continue,
                }
            }
            *searched = self.raw.len();
            if !ready!(self.poll_more(cx))? {
                let error = self.stuck.take();
                return Poll::Ready(Err(
                    error.unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into())
                ));
            }
        }
    }

    /// Fails if the client has broken off.
    fn go_on_sending(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.stuck.is_none() {
            match self.sending.poll(&mut self.stream, cx) {
                Poll::Ready(Err(Stuck::Sink(error))) => self.stuck = Some(error),
                Poll::Ready(Err(Stuck::Source(error))) => return Err(error),
                Poll::Ready(Ok(())) | Poll::Pending => {}
            }
        }
        Ok(())
    }

    /// Reads what the target sent; whether it is still there.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        self.raw.reserve(self.room);
        let read = ready!(poll_read_buf(Pin::new(&mut self.stream), cx, &mut self.raw))?;
        // Whoever sends much gets room.
        if self.raw.len() == self.raw.capacity() {
            self.room = (self.room * 2).min(MOST_ROOM);
        } else if read < self.room / 4 {
            self.room = LEAST_ROOM;
        }
        Poll::Ready(Ok(read > 0))
    }
}

fn is_idempotent(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::PUT | Method::DELETE)
}
