//! One connection that speaks HTTP/1.1.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use hyper::body::Body;
use hyper::client::conn::http1::{Connection, SendRequest};
use hyper_util::rt::TokioIo;

use super::shelves::Shelves;
use super::stream::Stream;
use super::{Download, Failure, FailureKind, Upload};

/// A connection that only moves when it is driven.
pub(super) struct Lane {
    sender: SendRequest<Upload>,
    /// None once it has ended.
    connection: Option<Connection<TokioIo<Stream>, Upload>>,
}

impl Lane {
    pub(super) fn new(
        sender: SendRequest<Upload>,
        connection: Connection<TokioIo<Stream>, Upload>,
    ) -> Lane {
        Lane { sender, connection: Some(connection) }
    }

    /// Lets the connection write and read what it can.
    pub(super) fn drive(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && let Poll::Ready(ended) = Pin::new(connection).poll(cx)
        {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection to a target broke off");
            }
            self.connection = None;
        }
    }

    /// Whether it can take a request. Only true of one that was just driven.
    pub(super) fn is_ready(&self) -> bool {
        self.connection.is_some() && self.sender.is_ready()
    }

    /// The connection goes to `keeper` when the response has been read.
    pub(super) async fn send(
        mut self,
        request: Request<Upload>,
        keeper: Option<&Arc<Shelves>>,
    ) -> Result<Response<Download>, Failure> {
        let response = {
            let mut response = pin!(self.sender.try_send_request(request));
            let lane = &mut self.connection;
            poll_fn(|cx| {
                if let Some(connection) = lane
                    && Pin::new(connection).poll(cx).is_ready()
                {
                    // Why, the response says.
                    *lane = None;
                }
                response.as_mut().poll(cx)
            })
            .await
        };
        match response {
            Ok(response) if response.body().is_end_stream() => {
                // Nobody will read what is not there.
                if let Some(keeper) = keeper {
                    let drive = |cx: &mut Context<'_>| {
                        self.drive(cx);
                        Poll::Ready(())
                    };
                    poll_fn(drive).await;
                    if self.is_ready() {
                        keeper.put(Box::new(self));
                    }
                }
                Ok(response.map(Download::driven))
            }
            Ok(response) => {
                let keeper = keeper.cloned();
                Ok(response.map(|body| Download::http1(body, self, keeper)))
            }
            Err(mut error) => Err(Failure {
                request: error.take_message().map(Box::new),
                kind: FailureKind::Broken(error.into_error()),
            }),
        }
    }

    /// The connection goes on by itself, whatever becomes of it.
    pub(super) async fn send_for_upgrade(
        mut self,
        request: Request<Upload>,
    ) -> Result<Response<Download>, Failure> {
        let connection = self.connection.take().expect("nobody drove it yet");
        tokio::spawn(async move {
            if let Err(error) = connection.with_upgrades().await {
                tracing::debug!(%error, "a connection to a target broke off");
            }
        });
        self.sender
            .send_request(request)
            .await
            .map(|response| response.map(Download::driven))
            .map_err(|error| Failure { kind: FailureKind::Broken(error), request: None })
    }
}
