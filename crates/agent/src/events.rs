//! Listening to the runtime: events as they come, and now and then a look at everything.

use std::sync::Arc;
use std::time::Duration;

use berth_runtime::{RuntimeEvent, RuntimeEvents};
use futures_util::StreamExt;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::host::Host;
use crate::task::Register;

/// Whether the container engine answered the last time it was asked.
pub(crate) type EngineHealth = watch::Sender<bool>;

/// Hears events for as long as the agent lives.
pub(crate) async fn run(
    host: Arc<Host>,
    register: Arc<Register>,
    mut events: RuntimeEvents,
    engine: Arc<EngineHealth>,
) {
    let every = host.options.sweep_every;
    let mut backoff = Backoff::new(Duration::from_secs(1), every.max(Duration::from_secs(1)), 2.0);
    let mut next = Instant::now() + every;
    loop {
        tokio::select! {
            biased;
            () = tokio::time::sleep_until(next) => {
                let listed = host.runtime.survey().await;
                engine.send_if_modified(|is_well| std::mem::replace(is_well, listed.is_ok()) != listed.is_ok());
                match listed {
                    Ok(seen) => {
                        register.sweep(&seen);
                        backoff.reset();
                        next = Instant::now() + every;
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the container engine could not be asked what it has");
                        next = Instant::now() + backoff.next(&host);
                    }
                }
            }
            event = events.next() => match event {
                Some(RuntimeEvent::Lost) => next = Instant::now(),
                Some(event) => register.hear(event),
                // It never ends by its contract; if it does, looking is all that is left.
                None => events = futures_util::stream::pending().boxed(),
            },
        }
    }
}
