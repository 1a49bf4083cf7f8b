//! Connections that speak HTTP/2, each for many requests at once.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Request, Response};
use hyper::client::conn::http2::SendRequest;

use super::{Dial, Download, Failure, FailureKind, Upload};

/// Requests that one connection takes at once; one more makes another connection. Targets allow a hundred at least.
const STREAMS: usize = 100;

#[derive(Default)]
pub(super) struct Http2 {
    lanes: Mutex<Vec<Lane>>,
    /// Whoever connects holds it; others wait for what comes of it.
    dialling: tokio::sync::Mutex<()>,
    /// Attempts that came to nothing.
    failures: AtomicUsize,
    is_retired: AtomicBool,
}

struct Lane {
    sender: SendRequest<Upload>,
    streams: Arc<AtomicUsize>,
}

/// One request on a connection, until its response is read.
pub(super) struct Stream(Arc<AtomicUsize>);

impl Http2 {
    pub(super) async fn send(
        &self,
        dial: &Dial,
        request: Request<Upload>,
    ) -> Result<Response<Download>, Failure> {
        let mut request = request;
        let mut tries = 3;
        loop {
            let (mut sender, stream) = match self.stream(dial).await {
                Ok(found) => found,
                Err(kind) => return Err(Failure { kind, request: Some(Box::new(request)) }),
            };
            tries -= 1;
            match sender.try_send_request(request).await {
                Ok(response) => return Ok(response.map(|body| Download::http2(body, stream))),
                Err(mut error) => match error.take_message() {
                    // The target was closing the connection.
                    Some(unsent) if tries > 0 => request = unsent,
                    unsent => {
                        return Err(Failure {
                            request: unsent.map(Box::new),
                            kind: FailureKind::Broken(io::Error::other(error.into_error())),
                        });
                    }
                },
            }
        }
    }

    async fn stream(&self, dial: &Dial) -> Result<(SendRequest<Upload>, Stream), FailureKind> {
        if let Some(found) = self.free() {
            return Ok(found);
        }
        let failures = self.failures.load(Ordering::Relaxed);
        let _dialling = self.dialling.lock().await;
        if let Some(found) = self.free() {
            return Ok(found);
        }
        // Whoever waited for an attempt that failed does not begin another: others behind wait, too.
        if self.failures.load(Ordering::Relaxed) != failures {
            return Err(FailureKind::Unreachable(io::ErrorKind::NotConnected.into()));
        }
        let sender = dial.http2().await.inspect_err(|_| {
            self.failures.fetch_add(1, Ordering::Relaxed);
        })?;
        let streams = Arc::new(AtomicUsize::new(0));
        let stream = Stream::on(&streams);
        if !self.is_retired.load(Ordering::Relaxed) {
            self.lanes().push(Lane { sender: sender.clone(), streams });
        }
        Ok((sender, stream))
    }

    fn free(&self) -> Option<(SendRequest<Upload>, Stream)> {
        let mut lanes = self.lanes();
        lanes.retain(|lane| !lane.sender.is_closed());
        let free =
            |lane: &&Lane| lane.sender.is_ready() && lane.streams.load(Ordering::Relaxed) < STREAMS;
        lanes.iter().find(free).map(|lane| (lane.sender.clone(), Stream::on(&lane.streams)))
    }

    /// Requests that are under way end as they would; then the connections do.
    pub(super) fn retire(&self) {
        self.is_retired.store(true, Ordering::Relaxed);
        self.lanes().clear();
    }

    fn lanes(&self) -> MutexGuard<'_, Vec<Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream {
    fn on(streams: &Arc<AtomicUsize>) -> Stream {
        streams.fetch_add(1, Ordering::Relaxed);
        Stream(Arc::clone(streams))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
