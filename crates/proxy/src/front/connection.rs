//! One client's connection, from its first byte to its last.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use super::Front;
use super::client::Client;
use super::exchange::exchange;
use super::greeting::Greeting;
use super::http1::{self, Verdict};
use super::visit::Visit;
use crate::ending::Ending;
use crate::gathering::Gathering;
use crate::pool::Upload;
use crate::socket::Socket;

/// AWS: all headers of a request together may have this much.
const HEADER_BYTES: usize = 64 * 1024;

/// How long a client may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);

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
    let door = stream.local_addr()?;
    let began = Instant::now();
    let Some(tls) = &front.tls else {
        let visit = Arc::new(Visit::new(live, front, client, door, None));
        greet(front, &visit, None, None);
        return Ok(http1::serve(Socket::Plain(stream), front, &visit, &ending).await?);
    };
    let shaken = Box::pin(TlsAcceptor::from(Arc::clone(&tls.config)).accept(stream));
    let shaken = tokio::time::timeout(HANDSHAKE, shaken).await;
    let stream = match shaken.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
        Ok(stream) => stream,
        Err(error) => {
            front.counters.client_tls_errors.one();
            greet(front, &Visit::new(live, front, client, door, None), None, Some(&error));
            return Err(error.into());
        }
    };
    let connection = stream.get_ref().1;
    let is_http2 = connection.alpn_protocol() == Some(b"h2");
    let secured = Client::new(connection, tls, &front.client_authentication);
    let visit = Arc::new(Visit::new(live, front, client, door, Some(secured)));
    greet(front, &visit, Some(began.elapsed()), None);
    // A session has more than a kilobyte, and each of the futures that hand it on would keep room for it.
    let socket = Socket::Accepted(Box::new(stream));
    match is_http2 {
        true => Ok(Box::pin(serve_http2(socket, front, visit, ending)).await?),
        false => Ok(Box::pin(http1::serve(socket, front, &visit, &ending)).await?),
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

async fn serve_http2(
    socket: Socket,
    front: &Front,
    visit: Arc<Visit>,
    ending: Ending,
) -> hyper::Result<()> {
    let resting = Arc::clone(&visit);
    let service = service_fn(move |request: Request<Incoming>| {
        let request = request.map(|body| Upload::new(body.map_err(io::Error::other)));
        let answered = exchange(Arc::clone(&visit), request, Verdict::default());
        Box::pin(answered.map(Ok::<_, Infallible>))
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
            .serve_connection(TokioIo::new(Gathering::new(socket)), service)
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
