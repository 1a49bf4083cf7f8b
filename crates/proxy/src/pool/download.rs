//! The body of a response, on its way from a target.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::http1::{Arriving, Raw};
use super::http2::Stream;

/// What a target sends, passed on as it comes. It reads the connection that it comes by, and gives it back at its end.
pub(crate) struct Download(Way);

enum Way {
    Http1(Arriving),
    Http2 {
        body: Incoming,
        /// Counted among its connection's requests until then.
        _stream: Stream,
    },
    /// No body, but a connection that stopped speaking HTTP.
    Raw(Raw),
    Over,
}

impl Download {
    pub(super) fn http1(arriving: Arriving) -> Download {
        Download(Way::Http1(arriving))
    }

    pub(super) fn http2(body: Incoming, stream: Stream) -> Download {
        Download(Way::Http2 { body, _stream: stream })
    }

    pub(super) fn raw(raw: Raw) -> Download {
        Download(Way::Raw(raw))
    }

    pub(super) fn over() -> Download {
        Download(Way::Over)
    }

    /// What the connection became, if it was upgraded.
    pub(crate) fn take_raw(&mut self) -> Option<Raw> {
        match std::mem::replace(&mut self.0, Way::Over) {
            Way::Raw(raw) => Some(raw),
            other => {
                self.0 = other;
                None
            }
        }
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut self.get_mut().0 {
            Way::Http1(arriving) => arriving.poll_frame(cx),
            Way::Http2 { body, .. } => {
                let frame = ready!(Pin::new(body).poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(io::Error::other)))
            }
            Way::Raw(_) | Way::Over => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Way::Http1(arriving) => arriving.is_over(),
            Way::Http2 { body, .. } => body.is_end_stream(),
            Way::Raw(_) | Way::Over => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Way::Http1(arriving) => arriving.size_hint(),
            Way::Http2 { body, .. } => body.size_hint(),
            Way::Raw(_) | Way::Over => SizeHint::with_exact(0),
        }
    }
}
