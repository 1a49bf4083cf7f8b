//! The telemetry session of a light agent: what its tasks would use, every 20 seconds.

use std::pin::pin;
use std::time::Duration;

use anyhow::anyhow;
use berth_agent_protocol::EpochSeconds;
use berth_agent_protocol::tcs::{
    CWStatsSet, ContainerHealth, ContainerMetric, FromAgent, FromServer, HealthMetadata,
    HealthStatus, InstanceHealth, InstanceStatus, InstanceStatusMetadata, InstanceStatusType,
    MAX_TASKS_PER_FRAME, MetricsMetadata, NetworkStatsSet, PublishHealthRequest,
    PublishInstanceStatusRequest, PublishMetricsRequest, StorageStatsSet, TaskHealth, TaskMetric,
    ULongStatsSet,
};
use http::Uri;
use tokio::time::{Instant, sleep_until};

use super::agent::Agent;
use super::failure::End;
use super::host;
use super::socket::{hear, tell};
use super::tasks::Definition;
use super::wire::{WebSocket, now};

/// AWS: silence that ends a session, with as much again at random.
const SILENCE: Duration = Duration::from_secs(60);

/// An open one.
pub(super) struct Session<'a> {
    agent: &'a Agent,
    socket: WebSocket,
    uri: Uri,
}

impl Agent {
    pub(super) async fn open_telemetry(&self) -> Result<Session<'_>, End> {
        let endpoints = self.endpoints.get(&self.fleet, &self.instance).await?;
        let query = [
            ("agentHash", host::AGENT_HASH),
            ("agentVersion", host::AGENT_VERSION),
            ("cluster", self.fleet.options.cluster.as_str()),
            ("containerInstance", &self.instance),
            ("dockerVersion", host::DOCKER_VERSION),
        ];
        let opened = self.fleet.wire.open(self.number, &endpoints.telemetry, &query).await;
        opened.map(|(socket, uri)| Session { agent: self, socket, uri })
    }
}

impl Session<'_> {
    /// Publishes until either end has enough.
    pub(super) async fn run(mut self) -> End {
        let tally = &self.agent.fleet.tally;
        let _open = tally.tcs_open.enter();
        let end = self.publish().await;
        tally.lost.add();
        end
    }

    async fn publish(&mut self) -> End {
        let wire = &self.agent.fleet.wire;
        let every = self.agent.fleet.options.publish_every;
        // AWS: a session begins with what is in use; the host's own health comes with every later round.
        let mut is_first = true;
        let mut publish_at = Instant::now();
        let mut silent_at = Instant::now() + SILENCE + wire.up_to(SILENCE);
        let mut timer = pin!(sleep_until(publish_at));
        loop {
            let done = tokio::select! {
                biased;
                text = hear(&mut self.socket) => {
                    silent_at = Instant::now() + SILENCE + wire.up_to(SILENCE);
                    match text {
                        Ok(text) => self.take(&text),
                        Err(end) => Err(end),
                    }
                }
                () = timer.as_mut() => {
                    // A round is soon enough to notice silence.
                    if Instant::now() >= silent_at {
                        return End::Failed(anyhow!("the server has been silent for too long"));
                    }
                    publish_at += every;
                    timer.as_mut().reset(publish_at);
                    self.report(std::mem::take(&mut is_first)).await
                }
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    fn take(&self, text: &str) -> Result<(), End> {
        let tally = &self.agent.fleet.tally;
        match FromServer::decode(text) {
            Ok(FromServer::AckMetrics(_)) => tally.metrics_acknowledged.add(),
            Ok(FromServer::AckHealth(_)) => tally.health_acknowledged.add(),
            Ok(FromServer::AckInstanceStatus(_)) => tally.statuses_acknowledged.add(),
            Ok(FromServer::Heartbeat(_)) => {}
            Ok(FromServer::Stop(_)) => return Err(End::Closed),
            Ok(FromServer::Exception(exception)) => return Err(exception.into()),
            Err(error) => tracing::warn!(%error, "a telemetry frame cannot be read"),
        }
        Ok(())
    }

    /// One round: what every task uses, and how well those with a health check are.
    async fn report(&mut self, is_first: bool) -> Result<(), End> {
        let tally = &self.agent.fleet.tally;
        let running = self.agent.tasks.running();
        let message_id = self.agent.fleet.wire.dice(|dice| dice.token());
        for frame in self.metrics(&running, &message_id) {
            self.send(frame).await?;
            tally.metrics.add();
        }
        for frame in self.health(&running, &message_id) {
            self.send(frame).await?;
            tally.health.add();
        }
        if !is_first {
            self.send(self.instance_status()).await?;
            tally.statuses.add();
        }
        Ok(())
    }

    async fn send(&mut self, frame: FromAgent) -> Result<(), End> {
        let signed = self.agent.fleet.wire.sign_frame(&self.uri, frame.encode());
        tell(&mut self.socket, signed.map_err(End::Failed)?).await
    }

    fn metrics(&self, running: &[Running], message_id: &str) -> Vec<FromAgent> {
        let frame = |tasks: &[Running], fin| {
            FromAgent::from(PublishMetricsRequest {
                metadata: MetricsMetadata {
                    cluster: self.agent.fleet.options.cluster.clone(),
                    container_instance: self.agent.instance.to_string(),
                    message_id: message_id.to_owned(),
                    idle: running.is_empty(),
                    fin,
                },
                instance_metrics: None,
                task_metrics: tasks.iter().map(task_metric).collect(),
                timestamp: Some(EpochSeconds(now())),
            })
        };
        if running.is_empty() {
            return vec![frame(&[], true)];
        }
        let parts = running.chunks(MAX_TASKS_PER_FRAME);
        let last = parts.len();
        parts.enumerate().map(|(at, tasks)| frame(tasks, at + 1 == last)).collect()
    }

    fn health(&self, running: &[Running], message_id: &str) -> Vec<FromAgent> {
        let tasks: Vec<TaskHealth> = running.iter().filter_map(task_health).collect();
        let parts = tasks.chunks(MAX_TASKS_PER_FRAME);
        let last = parts.len();
        let frame = |(at, tasks): (usize, &[TaskHealth])| {
            FromAgent::from(PublishHealthRequest {
                metadata: HealthMetadata {
                    cluster: self.agent.fleet.options.cluster.clone(),
                    container_instance: self.agent.instance.to_string(),
                    message_id: message_id.to_owned(),
                    fin: at + 1 == last,
                },
                tasks: tasks.to_vec(),
                timestamp: Some(EpochSeconds(now())),
            })
        };
        parts.enumerate().map(frame).collect()
    }

    fn instance_status(&self) -> FromAgent {
        let at = Some(EpochSeconds(now()));
        let engine = InstanceStatus {
            kind: InstanceStatusType::ContainerRuntime,
            status: InstanceHealth::Ok,
            status_reason: None,
            last_updated: at,
            last_status_change: at,
        };
        FromAgent::from(PublishInstanceStatusRequest {
            metadata: InstanceStatusMetadata {
                cluster: self.agent.fleet.options.cluster.clone(),
                container_instance: self.agent.instance.to_string(),
                request_id: self.agent.fleet.wire.dice(|dice| dice.token()),
            },
            statuses: vec![engine],
            timestamp: at,
        })
    }
}

type Running = (Box<str>, std::sync::Arc<Definition>);

/// As large as a real one: every set that the stock agent sends for a container in a bridge network.
fn task_metric((arn, definition): &Running) -> TaskMetric {
    let fraction = |value: f64| {
        let mut set = CWStatsSet::default();
        set.add(value);
        set.add(value * 1.25);
        Some(set)
    };
    let count = |value: u64| {
        let mut set = ULongStatsSet::default();
        set.add(value);
        set.add(value + value / 4);
        Some(set)
    };
    let container_metrics = definition.containers.iter().map(|container| ContainerMetric {
        container_name: container.name.to_string(),
        cpu_stats_set: fraction(12.34),
        memory_stats_set: fraction(56.0),
        network_stats_set: Some(Box::new(NetworkStatsSet {
            rx_bytes_per_second: fraction(1_234.5),
            rx_bytes: count(1_234_567),
            rx_dropped: count(0),
            rx_errors: count(0),
            rx_packets: count(12_345),
            tx_bytes_per_second: fraction(2_345.6),
            tx_bytes: count(2_345_678),
            tx_dropped: count(0),
            tx_errors: count(0),
            tx_packets: count(23_456),
        })),
        storage_stats_set: Some(Box::new(StorageStatsSet {
            read_size_bytes: count(4_096),
            write_size_bytes: count(8_192),
        })),
        ..ContainerMetric::default()
    });
    TaskMetric {
        task_arn: arn.to_string(),
        cluster_arn: None,
        task_definition_family: definition.family.to_string(),
        task_definition_version: definition.version.to_string(),
        container_metrics: container_metrics.collect(),
        ephemeral_storage_metrics: None,
    }
}

fn task_health((arn, definition): &Running) -> Option<TaskHealth> {
    let checked = definition.containers.iter().filter(|container| container.has_health_check);
    let containers: Vec<_> = checked
        .map(|container| ContainerHealth {
            container_name: container.name.to_string(),
            health_status: HealthStatus::Healthy,
            status_since: Some(EpochSeconds(now())),
            status_message: None,
        })
        .collect();
    (!containers.is_empty()).then(|| TaskHealth {
        task_arn: arn.to_string(),
        cluster_arn: None,
        task_definition_family: definition.family.to_string(),
        task_definition_version: definition.version.to_string(),
        containers,
    })
}
