//! Asking a source again while that may help.

use std::time::Duration;

use super::SourceError;
use crate::backoff::Backoff;
use crate::host::Host;

/// AWS: its clients ask three times before they give up.
const ATTEMPTS: u32 = 3;

pub(crate) async fn patiently<T, F>(
    host: &Host,
    mut ask: impl FnMut() -> F,
) -> Result<T, SourceError>
where
    F: Future<Output = Result<T, SourceError>>,
{
    let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(20), 2.0);
    let mut attempt = 1;
    loop {
        match ask().await {
            Err(error) if error.is_transient() && attempt < ATTEMPTS => {
                tracing::warn!(%error, attempt, "a source did not answer; asking again");
                tokio::time::sleep(backoff.next(host)).await;
                attempt += 1;
            }
            answer => return answer,
        }
    }
}
