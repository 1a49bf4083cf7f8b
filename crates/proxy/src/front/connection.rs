//! One client's connection, from its first byte to its last.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::Front;
use super::answer::Answer;
use super::exchange::exchange;
use super::visit::Visit;

/// AWS: all headers of a request together may have this much.
const HEADER_BYTES: usize = 64 * 1024;

/// Carries one client's connection until it ends; `ending` asks for that.
pub(crate) async fn carry(
    live: Arc<ArcSwap<Front>>,
    stream: TcpStream,
    client: SocketAddr,
    ending: CancellationToken,
) {
    let front = live.load_full();
    let counters = Arc::clone(&front.counters);
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
    ending: CancellationToken,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    stream.set_nodelay(true)?;
    let visit = Arc::new(Visit::new(live, front, client, stream.local_addr()?));
    http1(stream, front, Arc::clone(&visit), ending).await?;
    if let Some(tunnel) = visit.tunnel() {
        tunnel.carry(front.idle).await?;
    }
    Ok(())
}

async fn http1<S>(
    stream: S,
    front: &Front,
    visit: Arc<Visit>,
    ending: CancellationToken,
) -> hyper::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let visit = Arc::clone(&visit);
        async move { Ok::<Response<Answer>, Infallible>(exchange(visit, request).await) }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(front.idle)
            .max_header_size(HEADER_BYTES)
            .max_headers(256)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
    );
    tokio::select! {
        biased;
        ended = connection.as_mut() => return ended,
        () = ending.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}
