//! The sockets: who is near enough to be answered, and HTTP.
//!
//! DEVIATES: on EC2 who is too far away waits in vain for a token. Here the connection is closed, whatever was to be asked.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::Service;

/// How long a request may take to arrive, and a connection may be idle.
const READ: Duration = Duration::from_secs(5);
/// How long a connection may live. Whoever wants more makes another.
const LIFETIME: Duration = Duration::from_secs(120);
/// A token is less than a hundred letters.
const MAX_HEAD: usize = 8 << 10;
/// Connections at once. Who is further away than they may be has none.
const AT_ONCE: usize = 128;

pub(super) async fn serve(service: Arc<Service>, listener: TcpListener, running: TaskTracker) {
    let seats = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // The connection broke, or there is want of files; the second passes more slowly.
                tracing::debug!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        if !service.admits(is_here(&stream)) {
            // It hears at once that nobody is here for it.
            continue;
        }
        let Ok(seat) = seats.clone().acquire_owned().await else { return };
        let service = service.clone();
        running.spawn(async move {
            let ended = service.ended.clone();
            ended.run_until_cancelled(converse(service, stream)).await;
            drop(seat);
        });
    }
}

/// Whether a process of the host itself is at the other end. Its connections to an address of the host come from that
/// address, or from the loopback's own; no packet from elsewhere is let in with such a sender.
fn is_here(stream: &TcpStream) -> bool {
    let (Ok(peer), Ok(own)) = (stream.peer_addr(), stream.local_addr()) else { return false };
    is_of_host(peer.ip(), own.ip())
}

fn is_of_host(peer: IpAddr, own: IpAddr) -> bool {
    peer == own || peer.is_loopback()
}

async fn converse(service: Arc<Service>, stream: TcpStream) {
    let respond = service_fn(|request| respond(service.clone(), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(READ)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), respond);
    // What goes wrong on a connection is its peer's affair, who notices it too.
    let _ = tokio::time::timeout(LIFETIME, connection).await;
}

/// No request has a body that matters.
async fn respond(
    service: Arc<Service>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, _) = request.into_parts();
    let answer = service.answer(&head.method, head.uri.path(), &head.headers).await;
    Ok(answer.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_of_the_host_comes_from_where_it_goes() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let own = ip("169.254.169.254");
        assert!(is_of_host(own, own) && is_of_host(ip("127.0.0.1"), ip("127.0.0.2")));
        for other in ["172.17.0.2", "169.254.169.253", "10.0.0.1"] {
            assert!(!is_of_host(ip(other), own), "{other}");
        }
    }
}
