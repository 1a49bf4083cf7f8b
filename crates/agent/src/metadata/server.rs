//! The doors' sockets: opened as soon as they can be, and with little room for whoever wants too much.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use berth_runtime::RuntimeInfo;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use super::answer::Answer;
use super::{Asked, Metadata};
use crate::backoff::Backoff;
use crate::doors::{Door, DoorError, HostDoors};
use crate::host::Host;
use crate::task::Register;

/// How long the first attempt may hold up everything else.
const FIRST_ATTEMPT: Duration = Duration::from_secs(5);
/// How long a request may take to arrive, and a connection may be idle.
const READ: Duration = Duration::from_secs(5);
/// How long a connection may live. Whoever wants more makes another.
const LIFETIME: Duration = Duration::from_secs(120);
/// Nobody asks in more words than that.
const MAX_HEAD: usize = 8 << 10;
const MAX_BODY: usize = 4 << 10;
/// Connections at once, from one address and from all.
const FROM_ONE: usize = 64;
const FROM_ALL: usize = 512;

/// Doors of which it is known whether they open. Whoever knocks waits until they are attended.
#[must_use]
pub(crate) struct Doors {
    metadata: Arc<Metadata>,
    real: Arc<dyn HostDoors>,
    /// `None`: it could not be opened yet.
    doors: Vec<(Door, Option<TcpListener>)>,
}

impl Doors {
    /// Begins to answer, and goes on trying to open what is shut. To be called when it is known what runs here:
    /// a container that asks a moment earlier must not be told that it is not.
    pub(crate) fn attend(self) {
        let Self { metadata, real, doors } = self;
        for (door, listener) in doors {
            let (host, metadata) = (metadata.host.clone(), metadata.clone());
            match listener {
                Some(listener) => host.spawn(serve(metadata, door, listener)),
                None => host.spawn(open_later(metadata, door, real.clone())),
            }
        }
    }
}

/// Opens what can be opened now, so that containers made from now on are told where to ask.
pub(crate) async fn open_doors(
    host: &Arc<Host>,
    register: &Arc<Register>,
    info: &RuntimeInfo,
) -> Option<Doors> {
    let real = host.options.doors.clone()?;
    let metadata = Arc::new(Metadata::new(host.clone(), register.clone(), info));
    let mut doors = Vec::new();
    for door in [Door::Tasks, Door::Introspection] {
        let late = || DoorError::Failed(anyhow::anyhow!("it takes too long"));
        let attempt = tokio::time::timeout(FIRST_ATTEMPT, real.open(door)).await;
        match attempt.unwrap_or_else(|_| Err(late())) {
            Ok(listener) => {
                opened(&metadata, door);
                doors.push((door, Some(listener)));
            }
            Err(error) => {
                let consequence = match door {
                    Door::Tasks => "tasks run without task metadata and role credentials",
                    Door::Introspection => "this agent cannot be asked what runs here",
                };
                tracing::warn!(address = %door.address(), %error, "cannot listen: {consequence}");
                doors.push((door, None));
            }
        }
    }
    Some(Doors { metadata, real, doors })
}

fn opened(metadata: &Metadata, door: Door) {
    if door == Door::Tasks {
        metadata.register.parts().access.open();
    }
    tracing::info!(address = %door.address(), "listening");
}

async fn open_later(metadata: Arc<Metadata>, door: Door, doors: Arc<dyn HostDoors>) {
    let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60), 2.0);
    loop {
        tokio::time::sleep(backoff.next(&metadata.host)).await;
        match doors.open(door).await {
            Ok(listener) => {
                opened(&metadata, door);
                return serve(metadata, door, listener).await;
            }
            // It was said once.
            Err(error) => tracing::debug!(address = %door.address(), %error, "cannot listen"),
        }
    }
}

async fn serve(metadata: Arc<Metadata>, door: Door, listener: TcpListener) {
    let guests = Arc::new(Guests::default());
    loop {
        let (stream, source) = match listener.accept().await {
            Ok((stream, peer)) => (stream, peer.ip()),
            Err(error) => {
                // The connection broke, or there is want of files; the second passes more slowly.
                tracing::debug!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(seat) = Guests::enter(&guests, source) else { continue };
        let metadata = metadata.clone();
        let host = metadata.host.clone();
        host.spawn(async move {
            converse(metadata, door, stream, source).await;
            drop(seat);
        });
    }
}

async fn converse(metadata: Arc<Metadata>, door: Door, stream: TcpStream, source: IpAddr) {
    let service = service_fn(|request| respond(metadata.clone(), door, source, request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(READ)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    // What goes wrong on a connection is its peer's affair, who notices it too.
    let _ = tokio::time::timeout(LIFETIME, connection).await;
}

async fn respond(
    metadata: Arc<Metadata>,
    door: Door,
    source: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = tokio::time::timeout(READ, Limited::new(body, MAX_BODY).collect()).await;
    let body = match body {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => {
            let answer = Answer::error(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.");
            return Ok(answer.into_response());
        }
        Err(_) => {
            let answer = Answer::error(StatusCode::REQUEST_TIMEOUT, "The body did not come.");
            return Ok(answer.into_response());
        }
    };
    let asked = Asked {
        method: &head.method,
        path: head.uri.path(),
        query: head.uri.query(),
        source,
        body: &body,
    };
    let answer = match door {
        Door::Tasks => metadata.answer(&asked).await,
        Door::Introspection => metadata.introspect(&asked).await,
    };
    Ok(answer.into_response())
}

/// Who is connected.
#[derive(Default)]
struct Guests {
    by_source: Mutex<BTreeMap<IpAddr, usize>>,
}

struct Seat {
    guests: Arc<Guests>,
    source: IpAddr,
}

impl Guests {
    /// A seat, if there is one left for this address.
    fn enter(guests: &Arc<Self>, source: IpAddr) -> Option<Seat> {
        let mut by_source = guests.by_source.lock().unwrap_or_else(PoisonError::into_inner);
        let here = by_source.get(&source).copied().unwrap_or(0);
        if here >= FROM_ONE || by_source.values().sum::<usize>() >= FROM_ALL {
            return None;
        }
        by_source.insert(source, here + 1);
        Some(Seat { guests: guests.clone(), source })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut by_source = self.guests.by_source.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = by_source.get_mut(&self.source) {
            *here -= 1;
            if *here == 0 {
                by_source.remove(&self.source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_seats() {
        let guests = Arc::new(Guests::default());
        let from = |last: u8| IpAddr::from([172, 17, 0, last]);
        let seats: Vec<_> = (0..100).filter_map(|_| Guests::enter(&guests, from(2))).collect();
        assert_eq!(seats.len(), FROM_ONE);
        let other = Guests::enter(&guests, from(3));
        assert!(other.is_some());
        drop((seats, other));
        assert!(guests.by_source.lock().unwrap().is_empty());
    }
}
