//! The body of a request, on its way to a target.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

/// What a client sends, passed on as it comes.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    from: Option<(Incoming, Arc<Traffic>)>,
}

/// What is known of a body that is on its way, to whoever sent it off.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    bytes: AtomicU64,
    is_broken: AtomicBool,
    is_too_slow: AtomicBool,
    is_whole: AtomicBool,
}

impl Traffic {
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether the last of it is on its way.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole.load(Ordering::Relaxed)
    }

    /// Whether that is because nothing came for too long.
    pub(crate) fn is_too_slow(&self) -> bool {
        self.is_too_slow.load(Ordering::Relaxed)
    }

    /// Whether the client did not send all of it.
    pub(crate) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Relaxed)
    }
}

impl Upload {
    /// A body that has nothing costs nothing.
    pub(crate) fn new(body: Incoming) -> (Upload, Option<Arc<Traffic>>) {
        if body.is_end_stream() {
            return (Upload::default(), None);
        }
        let traffic = Arc::new(Traffic::default());
        (Upload { from: Some((body, Arc::clone(&traffic))) }, Some(traffic))
    }
}

fn is_timeout(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::TimedOut)
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some((body, traffic)) = &mut self.from else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(&mut *body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    traffic.bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
                }
            }
            Some(Err(error)) => {
                traffic.is_too_slow.store(is_timeout(error), Ordering::Relaxed);
                traffic.is_broken.store(true, Ordering::Relaxed);
            }
            None => {}
        }
        if frame.is_none() || body.is_end_stream() {
            traffic.is_whole.store(true, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.from.as_ref().is_none_or(|(body, _)| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.from.as_ref().map_or(SizeHint::with_exact(0), |(body, _)| body.size_hint())
    }
}
