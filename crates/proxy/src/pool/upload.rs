//! The body of a request, on its way to a target.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

type Source = Pin<Box<dyn Body<Data = Bytes, Error = io::Error> + Send>>;

/// What a client sends, passed on as it comes.
#[derive(Default)]
pub(crate) struct Upload {
    /// None if there is nothing, which costs nothing.
    from: Option<(Source, Arc<Traffic>)>,
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
    pub(crate) fn new(body: impl Body<Data = Bytes, Error = io::Error> + Send + 'static) -> Upload {
        match body.is_end_stream() {
            true => Upload::default(),
            false => Upload { from: Some((Box::pin(body), Arc::default())) },
        }
    }

    /// None if there is no body.
    pub(crate) fn traffic(&self) -> Option<Arc<Traffic>> {
        self.from.as_ref().map(|(_, traffic)| Arc::clone(traffic))
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("traffic", &self.traffic()).finish()
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Some((body, traffic)) = &mut self.from else { return Poll::Ready(None) };
        let frame = ready!(body.as_mut().poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    traffic.bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
                }
            }
            Some(Err(error)) => {
                let is_too_slow = error.kind() == io::ErrorKind::TimedOut;
                traffic.is_too_slow.store(is_too_slow, Ordering::Relaxed);
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
