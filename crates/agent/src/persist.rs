//! Trying again while the engine is away: a daemon that restarts is no reason to fail a task.

use std::time::Duration;

use berth_runtime::{ErrorKind, RuntimeError};
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::host::Host;

/// How long an engine that does not answer is waited for before its call has failed.
const PATIENCE: Duration = Duration::from_secs(180);

/// Repeats a call that can be repeated for as long as no engine answers at all.
pub(crate) async fn while_unreachable<T, F>(
    host: &Host,
    mut call: impl FnMut() -> F,
) -> Result<T, RuntimeError>
where
    F: Future<Output = Result<T, RuntimeError>>,
{
    let give_up_at = Instant::now() + PATIENCE;
    let mut backoff = backoff();
    loop {
        match call().await {
            Err(error) if error.kind() == ErrorKind::Unreachable && Instant::now() < give_up_at => {
                tracing::warn!(call = ?error.verb(), %error, "the container engine is away; trying again");
                tokio::time::sleep(backoff.next(host)).await;
            }
            answer => return answer,
        }
    }
}

/// Repeats a call until it succeeds: what has to be undone is undone some day.
pub(crate) async fn until_done<T, F>(host: &Host, mut call: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, RuntimeError>>,
{
    let mut backoff = backoff();
    loop {
        match call().await {
            Ok(done) => return done,
            Err(error) => {
                tracing::warn!(call = ?error.verb(), %error, "the container engine did not do it; trying again");
                tokio::time::sleep(backoff.next(host)).await;
            }
        }
    }
}

fn backoff() -> Backoff {
    Backoff::new(Duration::from_millis(250), Duration::from_secs(30), 2.0)
}
