//! Connections to one target.
//!
//! A request takes a connection that waits, or makes one; the end of its response gives it back. Nobody waits for somebody else's
//! connection, and no lock is shared by all workers (`shelves.rs`). HTTP/2 has few connections with many requests each (`http2.rs`).
//!
//! Connections of HTTP/1 have no task of their own: whoever has one writes the request and reads the response,
//! so that neither is handed from one task to another (`http1.rs`).
//!
//! Nothing is known here of which target is asked, nor of what is answered if it cannot be.

mod dial;
mod download;
mod failure;
mod http1;
mod http2;
mod shelves;
mod upload;

use std::sync::Arc;

use http::{Request, Response};

pub(crate) use dial::Dial;
pub(crate) use download::Download;
pub(crate) use failure::{Failure, FailureKind};
pub(crate) use http1::Raw;
use http2::Http2;
use shelves::Shelves;
pub(crate) use upload::{Traffic, Upload};

/// AWS: the headers of a response may have this much.
const HEAD_BYTES: usize = 32 * 1024;

/// Belongs to a target, and lives as long.
#[derive(Default)]
pub(crate) struct Pool {
    shelves: Arc<Shelves>,
    http2: Http2,
}

impl Pool {
    /// Sends a request, and gives back the head of what is answered, with its body to come.
    ///
    /// `may_keep` says whether the connection may be used again.
    pub(crate) async fn send(
        &self,
        dial: &Dial,
        request: Request<Upload>,
        may_keep: bool,
    ) -> Result<Response<Download>, Failure> {
        // Boxed where a request hardly ever waits: each has room for all that it may wait for.
        if dial.http2 {
            return Box::pin(self.http2.send(dial, request)).await;
        }
        let mut request = request;
        let keeper = may_keep.then_some(&self.shelves);
        let mut waiting = self.shelves.take().await;
        loop {
            let has_waited = waiting.is_some();
            let lane = match waiting.take() {
                Some(lane) => lane,
                None => match Box::pin(dial.http1()).await {
                    Ok(lane) => lane,
                    Err(kind) => return Err(Failure { kind, request: Some(Box::new(request)) }),
                },
            };
            match lane.send(request, keeper).await {
                // Others that waited are no better, as a rule.
                Err(Failure { request: Some(again), .. }) if has_waited => request = *again,
                answered => return answered,
            }
        }
    }

    /// Sends a request that may make its connection something else than HTTP. The connection is never used again.
    pub(crate) async fn send_for_upgrade(
        &self,
        dial: &Dial,
        request: Request<Upload>,
    ) -> Result<Response<Download>, Failure> {
        match dial.http1().await {
            Ok(lane) => lane.send(request, None).await,
            Err(kind) => Err(Failure { kind, request: Some(Box::new(request)) }),
        }
    }

    /// Closes whatever waits, and whatever would: nothing new is sent to this target.
    pub(crate) fn retire(&self) {
        self.shelves.retire();
        self.http2.retire();
    }
}
