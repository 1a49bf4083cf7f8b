//! When a flow has to end, whatever it is doing: its target or its listener is no more.

#[cfg(test)]
mod tests;

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep_until;

use crate::ending::{Ending, Why};
use crate::group::{Group, Standing};

/// Returns when a flow that began just now has to end.
///
/// AWS: connections outlive the deregistration and the illness of their target, unless its group says otherwise.
pub(super) async fn runs_out(
    group: &Group,
    mut standing: watch::Receiver<Standing>,
    ending: Ending,
) {
    tokio::select! {
        biased;
        () = target_is_gone(group, &mut standing) => {}
        // A connection cannot be asked to end. It has as long as if its target were deregistered.
        () = listener_is_gone(group, &ending) => {}
    }
}

async fn listener_is_gone(group: &Group, ending: &Ending) {
    if ending.asked().await == Why::Succeeded {
        // It may go on for as long as the process does.
        std::future::pending::<()>().await;
    }
    let delay = group.config().attributes.deregistration_delay_seconds;
    tokio::time::sleep(Duration::from_secs(delay.into())).await;
}

async fn target_is_gone(group: &Group, standing: &mut watch::Receiver<Standing>) {
    // It was picked as it is, for want of better ones.
    let mut may_be_unhealthy = *standing.borrow() == Standing::Unhealthy;
    loop {
        let now = *standing.borrow_and_update();
        let (on_unhealthy, on_deregistration) = {
            let config = group.config();
            let attributes = &config.attributes;
            (attributes.terminate_on_unhealthy, attributes.terminate_on_deregistration)
        };
        match now {
            Standing::Unhealthy if may_be_unhealthy => {}
            Standing::Unhealthy if on_unhealthy => return,
            Standing::Gone if on_deregistration => return,
            Standing::Draining { until } if on_deregistration => {
                tokio::select! {
                    biased;
                    () = sleep_until(until) => return,
                    changed = standing.changed() => if changed.is_err() { return },
                }
                continue;
            }
            Standing::Serving => may_be_unhealthy = false,
            Standing::Unhealthy | Standing::Draining { .. } | Standing::Gone => {}
        }
        if standing.changed().await.is_err() {
            // The flow holds its target, which holds the other end of this.
            return;
        }
    }
}
