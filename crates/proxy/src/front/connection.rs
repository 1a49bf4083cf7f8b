//! One client's connection, from its first byte to its last.

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use super::Front;
use super::client::Client;
use super::exchange::exchange;
use super::gate::{Gate, Verdicts};
use super::greeting::Greeting;
use super::visit::Visit;
use crate::ending::{Ending, Why};
use crate::gathering::Gathering;

/// AWS: all headers of a request together may have this much.
const HEADER_BYTES: usize = 64 * 1024;

/// More are refused by a status of hyper's own, 431.
const MOST_HEADERS: usize = 256;

/// How long a client may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long a connection may take to say that it ends.
const GOODBYE: Duration = Duration::from_secs(1);

/// After so long without a request a connection is one that waits.
const PAUSE: Duration = Duration::from_secs(2);

/// AWS: as many requests at once on a connection of HTTP/2.
const STREAMS: u32 = 128;

/// Carries one client's connection until it ends; `ending` asks for that.
pub(crate) async fn carry(
    live: Arc<ArcSwap<Front>>,
    stream: TcpStream,
    client: SocketAddr,
    ending: Ending,
) {
    let front = live.load_full();
    let counters = Arc::clone(&front.counters);
    // DEVIATES: ActiveConnectionCount and NewConnectionCount are of clients' connections; those to targets are not counted.
    counters.new_connections.one();
    counters.active_connections.one();
    if let Err(error) = carry_stream(live, &front, stream, client, ending).await {
        tracing::debug!(%error, %client, "a client's connection broke off");
    }
    counters.active_connections.one_less();
}

async fn carry_stream(
    live: Arc<ArcSwap<Front>>,
    front: &Front,
    stream: TcpStream,
    client: SocketAddr,
    ending: Ending,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    stream.set_nodelay(true)?;
    let door = stream.local_addr()?;
    let began = Instant::now();
    let Some(tls) = &front.tls else {
        let verdicts = Verdicts::begin();
        let visit = Visit::new(live, front, client, door, None, Some(Arc::clone(&verdicts)));
        greet(front, &visit, None, None);
        return Box::pin(serve(stream, front, Arc::new(visit), verdicts, ending)).await;
    };
    let shaken = Box::pin(TlsAcceptor::from(Arc::clone(&tls.config)).accept(stream));
    let shaken = tokio::time::timeout(HANDSHAKE, shaken).await;
    let stream = match shaken.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
        Ok(stream) => stream,
        Err(error) => {
            front.counters.client_tls_errors.one();
            greet(front, &Visit::new(live, front, client, door, None, None), None, Some(&error));
            return Err(error.into());
        }
    };
    let connection = stream.get_ref().1;
    let is_http2 = connection.alpn_protocol() == Some(b"h2");
    let secured = Client::new(connection, tls, &front.client_authentication);
    let verdicts = Verdicts::begin();
    let of_gate = (!is_http2).then(|| Arc::clone(&verdicts));
    let visit = Arc::new(Visit::new(live, front, client, door, Some(secured), of_gate));
    greet(front, &visit, Some(began.elapsed()), None);
    // A session has more than a kilobyte, and each of the futures that hand it on would keep room for it.
    let stream = Box::new(stream);
    match is_http2 {
        true => Ok(Box::pin(serve_http2(stream, front, visit, ending)).await?),
        false => Box::pin(serve(stream, front, visit, verdicts, ending)).await,
    }
}

/// Tells the connection log of a client.
fn greet(front: &Front, visit: &Visit, latency: Option<Duration>, problem: Option<&io::Error>) {
    if let Some(log) = &front.connection_log {
        let greeting = Greeting {
            client: visit.client,
            door: visit.door,
            tls: visit.tls.as_ref(),
            latency,
            authentication: &front.client_authentication,
            problem,
            id: &visit.id,
        };
        log.tell(greeting.line());
    }
}

/// HTTP/1, and whatever becomes of it.
async fn serve<S>(
    stream: S,
    front: &Front,
    visit: Arc<Visit>,
    verdicts: Arc<Verdicts>,
    ending: Ending,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let gate = Gate::new(stream, front.manner(), Arc::clone(&verdicts));
    serve_http1(gate, Arc::clone(&visit), verdicts, ending).await?;
    if let Some(tunnel) = visit.tunnel() {
        Box::pin(tunnel.carry(front.idle)).await?;
    }
    Ok(())
}

/// A parser and its buffers are there while something is asked, and for a moment after it.
async fn serve_http1<S>(
    mut gate: Gate<S>,
    visit: Arc<Visit>,
    verdicts: Arc<Verdicts>,
    ending: Ending,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut is_asked = false;
    loop {
        let has_come = tokio::select! {
            biased;
            has_come = gate.wait() => has_come?,
            why = ending.asked(), if !is_asked => {
                is_asked = true;
                if why == Why::Succeeded {
                    visit.end_with_the_next();
                    continue;
                }
                false
            }
        };
        if !has_come {
            return Ok(tokio::time::timeout(GOODBYE, gate.shutdown()).await??);
        }
        let conversing = Box::pin(converse(gate, &visit, &verdicts, &ending, &mut is_asked));
        match conversing.await? {
            Some(silent) => {
                visit.rest();
                gate = silent;
            }
            None => return Ok(()),
        }
    }
}

/// Answers until nothing was asked for a while. `None`: the connection has ended.
async fn converse<S>(
    gate: Gate<S>,
    visit: &Arc<Visit>,
    verdicts: &Arc<Verdicts>,
    ending: &Ending,
    is_asked: &mut bool,
) -> Result<Option<Gate<S>>, Box<dyn std::error::Error + Send + Sync>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let visiting = Arc::clone(visit);
    // What a request takes while it is answered, it takes for that time alone: connections that wait are many.
    let service = service_fn(move |request: Request<Incoming>| {
        Box::pin(exchange(Arc::clone(&visiting), request))
    });
    let mut connection = http1::Builder::new()
        // The gate has an eye on sizes and time.
        .header_read_timeout(None)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(gate), service)
        .with_upgrades();
    let ends = loop {
        tokio::select! {
            biased;
            ended = &mut connection => return Ok(ended.map(|()| None)?),
            why = ending.asked(), if !*is_asked => {
                *is_asked = true;
                if why == Why::Closed {
                    break true;
                }
                visit.end_with_the_next();
            }
            () = pause(verdicts) => break false,
        }
    };
    if ends {
        Pin::new(&mut connection).graceful_shutdown();
        return Ok(connection.await.map(|()| None)?);
    }
    Ok(match connection.into_parts() {
        Some(parts) if parts.read_buf.is_empty() => Some(parts.io.into_inner()),
        _ => None,
    })
}

/// Returns when nothing was asked for a while.
async fn pause(verdicts: &Verdicts) {
    while !verdicts.rests_for(PAUSE) {
        tokio::time::sleep(PAUSE).await;
    }
}

async fn serve_http2<S>(
    stream: S,
    front: &Front,
    visit: Arc<Visit>,
    ending: Ending,
) -> hyper::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let resting = Arc::clone(&visit);
    let service = service_fn(move |request: Request<Incoming>| {
        Box::pin(exchange(Arc::clone(&visit), request))
    });
    let mut connection = pin!(
        http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(HEADER_BYTES as u32)
            .initial_stream_window_size(256 * 1024)
            .initial_connection_window_size(1024 * 1024)
            .keep_alive_interval(front.idle)
            .keep_alive_timeout(HANDSHAKE)
            .serve_connection(TokioIo::new(Gathering::new(stream)), service)
    );
    tokio::select! {
        biased;
        ended = connection.as_mut() => return ended,
        () = rest(&resting, front.idle) => {}
        () = tokio::time::sleep_until(resting.ends_at) => {}
        _ = ending.asked() => {}
    }
    connection.as_mut().graceful_shutdown();
    // Whoever does not go by itself is let go when it has rested once more.
    tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = rest(&resting, front.idle) => Ok(()),
    }
}

/// Returns when nothing was under way for so long.
async fn rest(visit: &Visit, idle: Duration) {
    let mut seen = None;
    loop {
        tokio::time::sleep(idle).await;
        let now = visit.rests_after();
        if now.is_some() && now == seen {
            return;
        }
        seen = now;
    }
}
