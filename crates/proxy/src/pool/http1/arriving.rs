//! The body of a response, on its way from a target of HTTP/1.1.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use super::response::Rest;
use super::{Lane, Shelves};
use crate::message::{Framing, trailers};

pub(in crate::pool) struct Arriving {
    /// None once all of it is there.
    lane: Option<Box<Lane>>,
    rest: Rest,
    /// What is behind the last chunk.
    trailers: Vec<u8>,
    keeper: Option<Arc<Shelves>>,
}

impl Arriving {
    pub(super) fn new(lane: Box<Lane>, rest: Rest, keeper: Option<Arc<Shelves>>) -> Arriving {
        Arriving { lane: Some(lane), rest, trailers: Vec::new(), keeper }
    }

    pub(in crate::pool) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let frame = ready!(self.poll_next(cx));
        if frame.is_err() {
            // What is left of it cannot be told from anything else.
            self.lane = None;
        }
        Poll::Ready(frame.transpose())
    }

    pub(in crate::pool) fn is_over(&self) -> bool {
        self.lane.is_none() && self.trailers.is_empty()
    }

    pub(in crate::pool) fn size_hint(&self) -> SizeHint {
        match self.rest {
            Rest::Framed(Framing::Length(left)) => SizeHint::with_exact(left),
            Rest::Framed(Framing::Over) => SizeHint::with_exact(0),
            Rest::Framed(Framing::Chunked(_)) | Rest::ToTheEnd => SizeHint::default(),
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Frame<Bytes>>>> {
        // The target may answer while it is told more.
        self.lane.as_mut().map_or(Ok(()), |lane| lane.go_on_sending(cx))?;
        loop {
            let Some(lane) = &mut self.lane else {
                return Poll::Ready(trailers(&mut self.trailers));
            };
            let data = match &mut self.rest {
                Rest::Framed(framing) => framing.data(&mut lane.raw, &mut self.trailers)?,
                Rest::ToTheEnd => Some(lane.raw.split()).filter(|data| !data.is_empty()),
            };
            let is_over = matches!(&self.rest, Rest::Framed(framing) if framing.is_over());
            if is_over && let Some(lane) = self.lane.take() {
                lane.end(self.keeper.as_ref());
            }
            if let Some(data) = data {
                return Poll::Ready(Ok(Some(Frame::data(data.freeze()))));
            }
            let Some(lane) = &mut self.lane else { continue };
            if !ready!(lane.poll_more(cx))? {
                if self.rest != Rest::ToTheEnd {
                    return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
                }
                self.lane = None;
                return Poll::Ready(Ok(None));
            }
        }
    }
}
