//! The body of a response, on its way from a target.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::http1::Lane;
use super::http2::Stream;
use super::shelves::Shelves;

/// What a target sends, passed on as it comes. It drives the connection that it comes by, and gives it back at its end.
pub(crate) struct Download {
    body: Incoming,
    by: Way,
}

enum Way {
    /// To be given to the shelves if it is whole at the end.
    Http1(Box<Lane>, Option<Arc<Shelves>>),
    /// Counted among its connection's requests until then.
    Http2 { _stream: Stream },
    /// Somebody else's, or no more.
    Elsewhere,
}

impl Download {
    pub(super) fn http1(body: Incoming, lane: Lane, keeper: Option<Arc<Shelves>>) -> Download {
        Download { body, by: Way::Http1(Box::new(lane), keeper) }
    }

    pub(super) fn http2(body: Incoming, stream: Stream) -> Download {
        Download { body, by: Way::Http2 { _stream: stream } }
    }

    /// Of a connection that somebody else drives.
    pub(super) fn driven(body: Incoming) -> Download {
        Download { body, by: Way::Elsewhere }
    }

    /// Gives the connection back; it has to be driven once more to know that it is ready.
    fn end(&mut self, cx: &mut Context<'_>) {
        if let Way::Http1(mut lane, Some(shelves)) = std::mem::replace(&mut self.by, Way::Elsewhere)
        {
            lane.drive(cx);
            if lane.is_ready() {
                shelves.put(lane);
            }
        }
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        let mut frame = Pin::new(&mut this.body).poll_frame(cx);
        if let (Poll::Pending, Way::Http1(lane, _)) = (&frame, &mut this.by) {
            // Now it is known to the connection that more is wanted.
            lane.drive(cx);
            frame = Pin::new(&mut this.body).poll_frame(cx);
        }
        match &frame {
            Poll::Ready(Some(Ok(_))) if this.body.is_end_stream() => this.end(cx),
            Poll::Ready(None) => this.end(cx),
            Poll::Ready(Some(Err(_))) => this.by = Way::Elsewhere,
            _ => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
