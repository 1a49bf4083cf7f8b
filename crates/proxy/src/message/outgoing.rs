//! A message on its way out, and as much of its body as there is already.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use http::header::{
    AUTHORIZATION, CONTENT_LENGTH, HOST, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use hyper::body::{Body, Frame};
use tokio::io::AsyncWrite;
use tokio_util::io::poll_write_buf;

use super::{bad, write_lines};

/// What is gathered before it is written: pieces that are smaller are copied together, since each costs more by itself.
const GATHERED: usize = 2 * 1024;

/// Why a message does not get there.
pub(crate) enum Stuck {
    /// Whoever its body is from does not send what was promised.
    Source(io::Error),
    /// Whoever it is for does not take it.
    Sink(io::Error),
}

pub(crate) struct Outgoing<B> {
    /// To be written next, in this order.
    head: BytesMut,
    data: Bytes,
    end: &'static [u8],
    /// What there may be more of.
    body: Option<(B, Wrapping)>,
    /// Whether the other side may know of this message.
    has_begun: bool,
    is_flushed: bool,
}

/// How the other side learns where a body ends.
pub(crate) enum Wrapping {
    /// So much is to come.
    Length(u64),
    Chunks {
        /// Those that may be behind the last chunk, and what is.
        announced: Vec<HeaderName>,
        trailers: HeaderMap,
    },
    /// By the end of the connection.
    Nothing,
}

impl<B> Default for Outgoing<B> {
    fn default() -> Self {
        Outgoing {
            head: BytesMut::new(),
            data: Bytes::new(),
            end: b"",
            body: None,
            has_begun: false,
            is_flushed: false,
        }
    }
}

impl<B> Outgoing<B> {
    /// Begins another message. Its head is to be written to what this gives back.
    pub(crate) fn begin(&mut self, body: Option<(B, Wrapping)>) -> &mut BytesMut {
        self.has_begun = false;
        self.is_flushed = false;
        self.body = body;
        self.head.clear();
        self.head.reserve(1024);
        &mut self.head
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Whether all of it is written.
    pub(crate) fn is_over(&self) -> bool {
        self.body.is_none() && !self.has_bytes()
    }

    fn has_bytes(&self) -> bool {
        !self.head.is_empty() || !self.data.is_empty() || !self.end.is_empty()
    }
}

impl<B: Body<Data = Bytes, Error = io::Error> + Unpin> Outgoing<B> {
    /// Writes what can be written.
    pub(crate) fn poll(
        &mut self,
        sink: &mut (impl AsyncWrite + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Stuck>> {
        loop {
            let waits = self.fetch(cx).map_err(Stuck::Source)?;
            if !self.has_bytes() {
                if !self.is_flushed {
                    ready!(Pin::new(&mut *sink).poll_flush(cx)).map_err(Stuck::Sink)?;
                    self.is_flushed = true;
                }
                return if waits { Poll::Pending } else { Poll::Ready(Ok(())) };
            }
            self.is_flushed = false;
            while self.has_bytes() {
                let sink = Pin::new(&mut *sink);
                // Most messages are a head and no more, or little.
                let written = match self.data.is_empty() && self.end.is_empty() {
                    true => {
                        sink.poll_write(cx, &self.head).map_ok(|written| self.head.advance(written))
                    }
                    false => {
                        let rest = (&mut self.head).chain(&mut self.data).chain(&mut self.end);
                        poll_write_buf(sink, cx, &mut { rest }).map_ok(drop)
                    }
                };
                ready!(written).map_err(Stuck::Sink)?;
                self.has_begun = true;
            }
        }
    }

    /// Takes more of the body, as much as goes out at once; whether there is none yet.
    fn fetch(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        while self.data.is_empty() && self.end.is_empty() && self.head.len() < GATHERED {
            let Some((body, wrapping)) = &mut self.body else { return Ok(false) };
            let Poll::Ready(frame) = Pin::new(body).poll_frame(cx) else { return Ok(true) };
            match (frame.transpose()?.map(Frame::into_data), wrapping) {
                (Some(Ok(data)), _) if data.is_empty() => {}
                (Some(Ok(data)), wrapping) => {
                    match wrapping {
                        Wrapping::Length(left) => {
                            *left = left
                                .checked_sub(data.len() as u64)
                                .ok_or_else(|| bad("more than was promised"))?;
                        }
                        Wrapping::Chunks { .. } => {
                            self.head.extend_from_slice(format!("{:x}\r\n", data.len()).as_bytes());
                            self.end = b"\r\n";
                        }
                        Wrapping::Nothing => {}
                    }
                    self.data = data;
                    self.gather();
                }
                (Some(Err(frame)), Wrapping::Chunks { announced, trailers }) => {
                    let come = frame.into_trailers().unwrap_or_default();
                    let may_go = |(name, _): &(&HeaderName, &HeaderValue)| announced.contains(name);
                    let come = come.iter().filter(may_go);
                    trailers.extend(come.map(|(name, value)| (name.clone(), value.clone())));
                }
                // Behind a body without chunks there is nothing.
                (Some(Err(_)), Wrapping::Length(_) | Wrapping::Nothing) => {}
                (None, Wrapping::Length(0) | Wrapping::Nothing) => self.body = None,
                (None, Wrapping::Length(_)) => return Err(bad("less than was promised")),
                (None, Wrapping::Chunks { trailers, .. }) => {
                    self.head.extend_from_slice(b"0\r\n");
                    write_lines(&mut self.head, trailers);
                    self.body = None;
                }
            }
        }
        Ok(false)
    }

    /// A small piece goes out with what is before it.
    fn gather(&mut self) {
        if self.head.len() + self.data.len() < GATHERED {
            self.head.extend_from_slice(&self.data);
            self.head.extend_from_slice(self.end);
            self.data.clear();
            self.end = b"";
        }
    }
}

impl Wrapping {
    pub(crate) fn length_in(headers: &HeaderMap) -> io::Result<Option<Wrapping>> {
        let Some(length) = headers.get(CONTENT_LENGTH) else { return Ok(None) };
        let length = length.to_str().ok().and_then(|length| length.parse().ok());
        Ok(Some(Wrapping::Length(length.ok_or(io::ErrorKind::InvalidData)?)))
    }

    /// With the trailers that these headers announce.
    pub(crate) fn chunks(headers: &HeaderMap) -> Wrapping {
        let announced = headers
            .get_all(TRAILER)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|name| name.trim().parse().ok())
            // RFC 9110, 6.5.1: what says where a message goes, where it ends or whose it is comes before it.
            .filter(|name| !NO_TRAILERS.contains(name))
            .collect();
        Wrapping::Chunks { announced, trailers: HeaderMap::new() }
    }

    pub(crate) fn is_chunked(&self) -> bool {
        matches!(self, Wrapping::Chunks { .. })
    }
}

const NO_TRAILERS: [HeaderName; 7] =
    [AUTHORIZATION, CONTENT_LENGTH, HOST, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING];
