//! The body of a request of HTTP/1, on its way from a client.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::wire::Wire;
use crate::message::trailers;

/// Of one request, and of no other that comes by the same connection.
pub(super) struct RequestBody {
    wire: Wire,
    number: u64,
    is_over: bool,
    /// What is behind the last chunk.
    trailers: Vec<u8>,
}

impl RequestBody {
    pub(super) fn new(wire: Wire, number: u64) -> RequestBody {
        RequestBody { wire, number, is_over: false, trailers: Vec::new() }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if !this.is_over {
            let taken = ready!(this.wire.poll_body(this.number, &mut this.trailers, cx));
            this.is_over = taken.as_ref().map_or(true, |taken| taken.is_over);
            if let Some(data) = taken.map(|taken| taken.data).transpose() {
                return Poll::Ready(Some(data.map(Frame::data)));
            }
        }
        Poll::Ready(trailers(&mut this.trailers).transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.is_over && self.trailers.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
