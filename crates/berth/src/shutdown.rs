//! Being told to stop.

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::notify;

/// A token that SIGTERM or SIGINT cancels. A second signal ends the process at once.
///
/// Ending at once is always safe: what was acknowledged is durable, and containers live on.
pub fn on_signal() -> Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        for already_stopping in [false, true] {
            let (name, number) = tokio::select! {
                _ = terminate.recv() => ("SIGTERM", 15),
                _ = interrupt.recv() => ("SIGINT", 2),
            };
            if already_stopping {
                tracing::warn!(signal = name, "stopping at once");
                std::process::exit(128 + number);
            }
            tracing::info!(signal = name, "stopping; once more to stop at once");
            notify::tell(notify::State::Stopping);
            stopping.cancel();
        }
    });
    Ok(stop)
}
