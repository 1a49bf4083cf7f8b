//! A watch on one member: its events, or word that it has gone silent.

use std::time::Duration;

use futures_util::Stream;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tonic::Streaming;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::MetadataValue;
use tonic_prost::ProstCodec;

use super::{Client, path, ready, with_token};
use crate::etcd::failure::Failure;
use crate::etcd::layout::Span;
use crate::etcd::messages::{
    Event, LeaseKeepAliveResponse, LeaseRequest, Nothing, Watch, WatchCreate, WatchRequest,
    WatchResponse,
};

/// How long nothing may come before the member is asked whether it is there, and how long it has to answer.
const SILENCE: Duration = Duration::from_secs(2);
const OPENING: Duration = Duration::from_secs(3);

/// Events of some keys, one member's. Whoever drops it ends it.
pub(in crate::etcd) struct Watcher {
    asks: mpsc::UnboundedSender<WatchRequest>,
    answers: Streaming<WatchResponse>,
    asked: bool,
}

impl Watcher {
    /// The next events, in order, those of one of etcd's transactions together unless they are very many.
    pub(in crate::etcd) async fn next(&mut self) -> Result<Vec<Event>, Failure> {
        loop {
            let response = match tokio::time::timeout(SILENCE, self.answers.message()).await {
                Ok(Ok(Some(response))) => response,
                Ok(Ok(None)) => return Err(Failure::Unreachable("the watch has ended".to_owned())),
                Ok(Err(status)) => return Err(Failure::of(&status)),
                Err(_) if self.asked => {
                    return Err(Failure::Unreachable("the watch is silent".to_owned()));
                }
                Err(_) => {
                    self.asked = true;
                    let _ = self.asks.send(asking(Watch::Progress(Nothing {})));
                    continue;
                }
            };
            self.asked = false;
            if response.compact_revision != 0 {
                return Err(Failure::Compacted);
            }
            if response.canceled {
                return Err(Failure::NoQuorum(response.cancel_reason));
            }
            if !response.events.is_empty() {
                return Ok(response.events);
            }
        }
    }
}

fn asking(request: Watch) -> WatchRequest {
    WatchRequest { request: Some(request) }
}

/// A stream of what is sent to a channel.
fn sent<T>(receiver: mpsc::UnboundedReceiver<T>) -> impl Stream<Item = T> {
    futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|next| (next, receiver))
    })
}

impl Client {
    /// Watches these keys from one of etcd's revisions on, by way of one member: another one after failures.
    ///
    /// The member ends the watch itself when it has lost its cluster.
    pub(in crate::etcd) async fn watch(
        &self,
        span: &Span,
        start_revision: i64,
        failures: usize,
    ) -> Result<Watcher, Failure> {
        let opened = async {
            let (asks, asked) = mpsc::unbounded_channel();
            let create = WatchCreate {
                key: span.from.clone(),
                range_end: span.to.clone(),
                start_revision,
                fragment: true,
            };
            // The other end is in the stream that is sent next.
            let _ = asks.send(asking(Watch::Create(create)));
            let answers = self.stream(path::WATCH, sent(asked), failures).await?;
            Ok(Watcher { asks, answers, asked: false })
        };
        within(opened).await
    }

    /// Renews a lease, and says for how many seconds: 0 if there is no such lease.
    pub(in crate::etcd) async fn keep_alive(
        &self,
        lease: i64,
        failures: usize,
    ) -> Result<i64, Failure> {
        let renewed = async {
            let request = futures_util::stream::iter([LeaseRequest { id: lease }]);
            let mut answers: Streaming<LeaseKeepAliveResponse> =
                self.stream(path::KEEP_ALIVE, request, failures).await?;
            match answers.message().await {
                Ok(Some(answer)) => Ok(answer.ttl),
                Ok(None) => Err(Failure::Unreachable("no answer".to_owned())),
                Err(status) => Err(Failure::of(&status)),
            }
        };
        within(renewed).await
    }

    async fn stream<Q, A>(
        &self,
        path: &'static str,
        asks: impl Stream<Item = Q> + Send + 'static,
        failures: usize,
    ) -> Result<Streaming<A>, Failure>
    where
        Q: prost::Message + 'static,
        A: prost::Message + Default + 'static,
    {
        let member = self.member(failures);
        let token = self.token(member, None).await?;
        let mut connection = ready(member).await?;
        let mut request = with_token(asks, token.clone());
        // Asks the member to end the stream when it knows no leader.
        request.metadata_mut().insert("hasleader", MetadataValue::from_static("true"));
        let codec = ProstCodec::<Q, A>::default();
        let opened = connection.streaming(request, PathAndQuery::from_static(path), codec).await;
        match opened.map_err(|status| Failure::of(&status)) {
            Ok(answers) => Ok(answers.into_inner()),
            Err(Failure::Token) => {
                // The next try finds a new one.
                self.token(member, token).await?;
                Err(Failure::Unreachable("the token had run out".to_owned()))
            }
            Err(failure) => Err(failure),
        }
    }
}

async fn within<T>(opening: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match tokio::time::timeout_at(Instant::now() + OPENING, opening).await {
        Ok(opened) => opened,
        Err(_) => Err(Failure::Unreachable("no answer in time".to_owned())),
    }
}
