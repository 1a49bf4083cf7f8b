//! The telemetry session: what tasks use every 20 seconds, health when it changes, the host's own state.
//!
//! Nothing here is urgent and nothing is kept: what could not be sent is out of date by the next round.

mod meter;
mod report;

use std::sync::Arc;
use std::time::Duration;

use berth_agent_protocol::tcs::{FromAgent, FromServer};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

use crate::backoff::Backoff;
use crate::control_plane::{Socket, TcsSession};
use crate::endpoints::Endpoints;
use crate::events::EngineHealth;
use crate::host::Host;
use crate::session::{End, ended, refusal};
use crate::task::Register;

use meter::Meter;
use report::Reporter;

/// AWS: silence that ends a session, with as much again at random.
const SILENCE: Duration = Duration::from_secs(60);

pub(crate) struct Telemetry {
    pub(crate) host: Arc<Host>,
    pub(crate) register: Arc<Register>,
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) engine: Arc<EngineHealth>,
    pub(crate) container_instance: String,
    pub(crate) docker_version: String,
}

impl Telemetry {
    /// Connects again and again, for as long as the agent lives.
    pub(crate) async fn run(self) {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60), 2.0);
        let mut meter = Meter::default();
        let mut reporter = Reporter::new(self.host.clone(), &self.container_instance);
        loop {
            let since = Instant::now();
            let end = match self.dial().await {
                Ok(socket) => self.publish(socket, &mut meter, &mut reporter).await,
                Err(end) => end,
            };
            if since.elapsed() >= SILENCE {
                backoff.reset();
            }
            // AWS: a deregistered host has nothing to tell; the assignment session knows when it may be back.
            let wait = backoff.next(&self.host);
            if !matches!(end, End::Closed) {
                tracing::debug!(?end, ?wait, "the telemetry session ended");
            }
            tokio::time::sleep(wait).await;
        }
    }

    async fn dial(&self) -> Result<Socket, End> {
        let endpoints = self.endpoints.discover(&self.host, &self.container_instance).await;
        let endpoints = endpoints.map_err(|error| End::Failed(error.into()))?;
        let session = TcsSession {
            cluster: self.host.options.cluster.clone(),
            container_instance: self.container_instance.clone(),
            agent_version: self.host.options.agent_version.clone(),
            agent_hash: self.host.options.agent_hash.clone(),
            docker_version: self.docker_version.clone(),
        };
        let opened =
            self.host.control_plane.open_tcs(&endpoints.telemetry_endpoint, &session).await;
        opened.map_err(|error| refusal(error, &self.endpoints))
    }

    async fn publish(&self, socket: Socket, meter: &mut Meter, reporter: &mut Reporter) -> End {
        let Socket { outgoing, mut incoming } = socket;
        let mut sample = tokio::time::interval(self.host.options.sample_every);
        let mut publish = tokio::time::interval(self.host.options.publish_every);
        for timer in [&mut sample, &mut publish] {
            timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        let mut is_first = true;
        let mut silent_at = self.quiet_until();
        let mut engine = self.engine.subscribe();
        loop {
            let sent = tokio::select! {
                biased;
                // First: what has come while the engine took its time is no silence.
                frame = incoming.recv() => {
                    silent_at = self.quiet_until();
                    match frame {
                        Some(Ok(text)) => match FromServer::decode(&text) {
                            Ok(FromServer::Stop(_)) => return End::Closed,
                            Ok(FromServer::Exception(exception)) => return End::Failed(exception.into()),
                            Ok(_) => continue,
                            Err(error) => {
                                tracing::warn!(%error, "a telemetry frame cannot be read");
                                continue;
                            }
                        },
                        Some(Err(hangup)) => return ended(hangup),
                        None => return End::Closed,
                    }
                }
                () = tokio::time::sleep_until(silent_at) => {
                    return End::Failed(anyhow::anyhow!("the control plane has been silent for too long"));
                }
                _ = sample.tick() => {
                    let parts = self.register.parts();
                    let usage = parts.access.is_open().then_some(&parts.usage);
                    meter.sample(&self.host, usage, &self.register.snapshots()).await;
                    Ok(())
                }
                _ = publish.tick() => {
                    let tasks = self.register.snapshots();
                    // An engine that does not answer is told of as such.
                    let disks = self.host.runtime.disks().await.ok();
                    let mut frames = reporter.metrics(&tasks, meter, disks);
                    frames.extend(reporter.health(&tasks));
                    // AWS: a session begins with what is in use; the host's own health comes with the next round.
                    if !std::mem::take(&mut is_first) {
                        frames.push(reporter.instance_status(*engine.borrow()));
                    }
                    send(&outgoing, frames).await
                }
                () = self.register.parts().health_changed.notified() => {
                    send(&outgoing, reporter.health(&self.register.snapshots())).await
                }
                _ = engine.changed() => {
                    let is_well = *engine.borrow_and_update();
                    send(&outgoing, vec![reporter.instance_status(is_well)]).await
                }
            };
            if sent.is_err() {
                return End::Closed;
            }
        }
    }

    fn quiet_until(&self) -> Instant {
        Instant::now() + SILENCE + self.host.up_to(SILENCE)
    }
}

async fn send(
    out: &mpsc::Sender<String>,
    frames: Vec<FromAgent>,
) -> Result<(), mpsc::error::SendError<String>> {
    for frame in frames {
        out.send(frame.encode()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
