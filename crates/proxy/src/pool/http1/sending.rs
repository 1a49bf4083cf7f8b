//! A request on its way to a target, and as much of its body as there is already.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use http::header::{
    AUTHORIZATION, CONTENT_LENGTH, HOST, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use hyper::body::{Body, Frame};
use tokio::io::AsyncWrite;
use tokio_util::io::poll_write_buf;

use super::{Upload, bad};

/// Why a request does not get there.
pub(super) enum Stuck {
    /// The client does not send what it promised.
    Client(io::Error),
    /// The target does not take it.
    Target(io::Error),
}

#[derive(Default)]
pub(super) struct Sending {
    /// To be written next, in this order.
    head: BytesMut,
    data: Bytes,
    end: &'static [u8],
    /// What there may be more of.
    body: Option<(Upload, Wrapping)>,
    /// Whether the target may know of this request.
    has_begun: bool,
    is_flushed: bool,
}

/// How a target learns where the body ends.
enum Wrapping {
    /// So much is to come.
    Length(u64),
    Chunks {
        /// Those that may be behind the last chunk, and what is.
        announced: Vec<HeaderName>,
        trailers: HeaderMap,
    },
}

impl Sending {
    pub(super) fn begin(&mut self, parts: &Parts, body: Upload) -> io::Result<()> {
        self.has_begun = false;
        self.is_flushed = false;
        let wrapping =
            if body.is_end_stream() { None } else { Some(Wrapping::of(&parts.headers)?) };
        let is_chunked = matches!(wrapping, Some(Wrapping::Chunks { .. }));
        write_head(&mut self.head, parts, is_chunked);
        self.body = wrapping.map(|wrapping| (body, wrapping));
        Ok(())
    }

    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Whether all of it is written.
    pub(super) fn is_over(&self) -> bool {
        self.body.is_none() && !self.has_bytes()
    }

    /// Writes what can be written.
    pub(super) fn poll(
        &mut self,
        stream: &mut (impl AsyncWrite + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Stuck>> {
        loop {
            let waits = self.fetch(cx).map_err(Stuck::Client)?;
            if !self.has_bytes() {
                if !self.is_flushed {
                    ready!(Pin::new(&mut *stream).poll_flush(cx)).map_err(Stuck::Target)?;
                    self.is_flushed = true;
                }
                return if waits { Poll::Pending } else { Poll::Ready(Ok(())) };
            }
            self.is_flushed = false;
            while self.has_bytes() {
                let stream = Pin::new(&mut *stream);
                // Most requests are a head and no more.
                let written = match self.data.is_empty() && self.end.is_empty() {
                    true => stream
                        .poll_write(cx, &self.head)
                        .map_ok(|written| self.head.advance(written)),
                    false => {
                        let rest = (&mut self.head).chain(&mut self.data).chain(&mut self.end);
                        poll_write_buf(stream, cx, &mut { rest }).map_ok(drop)
                    }
                };
                ready!(written).map_err(Stuck::Target)?;
                self.has_begun = true;
            }
        }
    }

    fn has_bytes(&self) -> bool {
        !self.head.is_empty() || !self.data.is_empty() || !self.end.is_empty()
    }

    /// Takes the next piece of the body, if the last one is gone; whether there is none yet.
    fn fetch(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        while self.data.is_empty() && self.end.is_empty() {
            let Some((body, wrapping)) = &mut self.body else { return Ok(false) };
            let Poll::Ready(frame) = Pin::new(body).poll_frame(cx) else { return Ok(true) };
            let frame = frame.transpose().map_err(io::Error::other)?;
            match (frame.map(Frame::into_data), wrapping) {
                (Some(Ok(data)), _) if data.is_empty() => {}
                (Some(Ok(data)), Wrapping::Length(left)) => {
                    *left = left
                        .checked_sub(data.len() as u64)
                        .ok_or_else(|| bad("more than was promised"))?;
                    self.data = data;
                }
                (Some(Ok(data)), Wrapping::Chunks { .. }) => {
                    self.head.extend_from_slice(format!("{:x}\r\n", data.len()).as_bytes());
                    (self.data, self.end) = (data, b"\r\n");
                }
                (Some(Err(frame)), Wrapping::Chunks { announced, trailers }) => {
                    let come = frame.into_trailers().unwrap_or_default();
                    let may_go = |(name, _): &(&HeaderName, &HeaderValue)| announced.contains(name);
                    let come = come.iter().filter(may_go);
                    trailers.extend(come.map(|(name, value)| (name.clone(), value.clone())));
                }
                // Behind a body of a length there is nothing.
                (Some(Err(_)), Wrapping::Length(_)) => {}
                (None, Wrapping::Length(0)) => self.body = None,
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
}

impl Wrapping {
    fn of(headers: &HeaderMap) -> io::Result<Wrapping> {
        if let Some(length) = headers.get(CONTENT_LENGTH) {
            let length = length.to_str().ok().and_then(|length| length.parse().ok());
            return Ok(Wrapping::Length(length.ok_or(io::ErrorKind::InvalidData)?));
        }
        let announced = headers
            .get_all(TRAILER)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|name| name.trim().parse().ok())
            // RFC 9110, 6.5.1: what says where a message goes, where it ends or whose it is comes before it.
            .filter(|name| !NO_TRAILERS.contains(name))
            .collect();
        Ok(Wrapping::Chunks { announced, trailers: HeaderMap::new() })
    }
}

const NO_TRAILERS: [HeaderName; 7] =
    [AUTHORIZATION, CONTENT_LENGTH, HOST, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING];

fn write_head(out: &mut BytesMut, parts: &Parts, is_chunked: bool) {
    out.clear();
    out.reserve(1024);
    out.extend_from_slice(parts.method.as_str().as_bytes());
    out.extend_from_slice(b" ");
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    out.extend_from_slice(target.as_bytes());
    out.extend_from_slice(b" HTTP/1.1\r\n");
    if is_chunked {
        out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
    }
    write_lines(out, &parts.headers);
}

/// With the empty line behind them. AWS: targets of HTTP/1.1 get names as `X-Forwarded-For`.
fn write_lines(out: &mut BytesMut, headers: &HeaderMap) {
    for (name, value) in headers {
        let begins_at = out.len();
        out.extend_from_slice(name.as_str().as_bytes());
        let mut begins_word = true;
        for letter in &mut out[begins_at..] {
            if begins_word {
                letter.make_ascii_uppercase();
            }
            begins_word = *letter == b'-';
        }
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
}
