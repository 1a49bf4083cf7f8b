//! One connection: which HTTP it speaks, and its requests one after another or side by side.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use berth_aws_protocol::CommonError;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use metrics::{Counter, Gauge};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;

use super::opening::{Opened, Opening};
use super::{ServerOptions, Stop, body, websocket};
use crate::metrics::{CONNECTIONS, PLAIN_HTTP_REFUSED};
use crate::pipeline::{Endpoint, Peer, Stopping};

/// The most requests side by side on one HTTP/2 connection.
const STREAMS: u32 = 256;

/// All that serving a connection takes. Cheap to clone.
#[derive(Clone)]
pub(super) struct Transport(Arc<Parts>);

pub(super) struct Parts {
    pub endpoint: Endpoint,
    pub options: ServerOptions,
    pub stop: Stop,
    pub tasks: TaskTracker,
    opening: Opening,
    http: auto::Builder<TokioExecutor>,
    open: Gauge,
    refused: Counter,
}

impl Transport {
    pub(super) fn new(
        endpoint: Endpoint,
        options: ServerOptions,
        stop: Stop,
        tasks: TaskTracker,
    ) -> Self {
        let http = http(&options);
        let open = endpoint.metrics().gauge(CONNECTIONS, Vec::new());
        let refused = endpoint.metrics().counter(PLAIN_HTTP_REFUSED, Vec::new());
        let opening = Opening::new(
            options.certificates.clone(),
            options.plain_http,
            (options.head_timeout, options.handshake_timeout),
            endpoint.metrics(),
        );
        Transport(Arc::new(Parts { endpoint, options, stop, tasks, opening, http, open, refused }))
    }

    /// Serves a connection in a task of its own.
    pub(super) fn spawn(&self, stream: TcpStream, client: IpAddr) {
        let transport = self.clone();
        self.0.tasks.spawn(async move {
            let open = transport.0.open.clone();
            open.increment(1.0);
            transport.begin(stream, client).await;
            open.decrement(1.0);
        });
    }

    async fn begin(&self, stream: TcpStream, client: IpAddr) {
        let Parts { opening, stop, .. } = &*self.0;
        let opened = stop.politely.run_until_cancelled(opening.open(stream, client)).await;
        match opened.flatten() {
            Some(Opened::Plain { stream, refused }) => {
                self.serve(stream, Peer::plain(client), refused).await;
            }
            Some(Opened::Secure(stream)) => self.serve(stream, Peer::secure(client), false).await,
            None => {}
        }
    }

    async fn serve<I>(&self, io: I, peer: Peer, refused: bool)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Parts { http, options, stop, .. } = &*self.0;
        let spoke = Arc::new(AtomicBool::new(false));
        let service = service_fn({
            let (transport, spoke) = (self.clone(), Arc::clone(&spoke));
            move |request| {
                spoke.store(true, Ordering::Relaxed);
                let transport = transport.clone();
                async move {
                    let answer = match refused {
                        true => transport.refuse(request, peer).await,
                        false => transport.answer(request, peer).await,
                    };
                    Ok::<_, Infallible>(answer)
                }
            }
        });
        let mut connection = pin!(http.serve_connection_with_upgrades(TokioIo::new(io), service));
        // Hyper's own time limit begins once it knows which HTTP is spoken: a client that says nothing
        // at all would never be asked to leave.
        let mut silence = pin!(tokio::time::sleep(options.head_timeout));
        let (mut patient, mut stopping) = (true, false);
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(error = &*error, peer = %peer.address, "connection ended early");
                    }
                    return;
                }
                () = silence.as_mut(), if patient => {
                    if !spoke.load(Ordering::Relaxed) {
                        tracing::debug!(peer = %peer.address, "connection closed: no request came in time");
                        return;
                    }
                    patient = false;
                }
                () = stop.politely.cancelled(), if !stopping => {
                    stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = stop.now.cancelled() => return,
            }
        }
    }

    /// Reads the request, so that its sender hears the answer.
    async fn refuse(&self, request: Request<Incoming>, peer: Peer) -> Response<Full<Bytes>> {
        let Parts { endpoint, options, refused, .. } = &*self.0;
        refused.increment(1);
        let (head, incoming) = request.into_parts();
        let body = body::read(incoming, options.body_limit, options.body_timeout).await;
        let request = Request::from_parts(head, body.unwrap_or_default());
        endpoint.refuse(&request, peer, &plain_http_refused()).await.map(Full::new)
    }

    async fn answer(&self, mut request: Request<Incoming>, peer: Peer) -> Response<Full<Bytes>> {
        let Parts { endpoint, options, .. } = &*self.0;
        if websocket::is_wanted(&request) && endpoint.has_socket(request.uri().path()) {
            return websocket::open(&self.0, &mut request, peer).await.map(Full::new);
        }
        request.extensions_mut().insert(Stopping(self.0.stop.politely.clone()));
        let (head, incoming) = request.into_parts();
        let response = match body::read(incoming, options.body_limit, options.body_timeout).await {
            Ok(body) => endpoint.handle(Request::from_parts(head, body), peer).await,
            Err(error) => {
                endpoint.refuse(&Request::from_parts(head, Bytes::new()), peer, &error).await
            }
        };
        response.map(Full::new)
    }
}

/// What a client is told that should have spoken TLS.
fn plain_http_refused() -> CommonError {
    CommonError::AccessDenied(
        "This server does not take plain HTTP from there: use https:// in the endpoint's address. The certificate \
         authority to trust is tls/ca.pem in the server's data directory, unless the server was given a certificate; \
         --plain-http at the server says from whom plain HTTP is taken."
            .to_owned(),
    )
}

fn http(options: &ServerOptions) -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(options.head_timeout)
        // Hyper refuses less than 8 KiB.
        .max_buf_size(options.head_limit.max(8 * 1024))
        .pipeline_flush(true);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(options.head_limit).unwrap_or(u32::MAX))
        .keep_alive_interval(options.head_timeout)
        .keep_alive_timeout(options.head_timeout);
    http
}
