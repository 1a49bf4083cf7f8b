//! Takes connections from one listener.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::connection::Transport;

/// How long to leave a listener alone that cannot accept, as when file descriptors have run out.
const REST: Duration = Duration::from_millis(100);

pub(super) async fn accept(
    listener: Arc<TcpListener>,
    transport: Transport,
    stop: CancellationToken,
) {
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, address)) => {
                // Answers are small and whole: waiting to fill a packet only adds delay.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, %address, "the connection keeps its delay");
                }
                transport.spawn(stream, address.ip());
            }
            Err(error) if is_of_the_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections; trying again");
                stop.run_until_cancelled(tokio::time::sleep(REST)).await;
            }
        }
    }
}

/// The client went away before it was accepted: nothing is wrong with the listener.
fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}
