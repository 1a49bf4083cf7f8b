//! How long something at a target may go on.

use std::future::pending;

use tokio::sync::watch;
use tokio::time::sleep_until;

use crate::group::Standing;

/// Returns when a target is gone, or was being deregistered for as long as its group allows.
pub(super) async fn gone(standing: Option<watch::Receiver<Standing>>) {
    let Some(mut standing) = standing else { return pending().await };
    loop {
        let now = *standing.borrow_and_update();
        match now {
            Standing::Gone => return,
            Standing::Draining { until } => {
                tokio::select! {
                    biased;
                    () = sleep_until(until) => return,
                    changed = standing.changed() => if changed.is_err() { return },
                }
            }
            Standing::Serving | Standing::Unhealthy => {
                if standing.changed().await.is_err() {
                    return;
                }
            }
        }
    }
}
