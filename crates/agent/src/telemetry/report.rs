//! The frames of one round, with ECS's limits on how much fits into one.

use std::sync::Arc;

use berth_agent_protocol::EpochSeconds;
use berth_agent_protocol::tcs::{
    ContainerHealth, ContainerMetric, FromAgent, HealthMetadata, HealthStatus, InstanceHealth,
    InstanceMetrics, InstanceStatus, InstanceStatusMetadata, InstanceStatusType,
    InstanceStorageMetrics, MAX_FRAME_BYTES, MAX_TASKS_PER_FRAME, MetricsMetadata,
    PublishHealthRequest, PublishInstanceStatusRequest, PublishMetricsRequest, RestartStatsSet,
    TaskHealth, TaskMetric,
};
use berth_model::Timestamp;
use berth_runtime::{Disk, Disks};

use super::meter::Meter;
use crate::host::Host;
use crate::task::{About, ContainerSnapshot, Snapshot};

/// Kept free in every frame for its metadata and its signed header.
const FRAME_RESERVE: usize = 8 << 10;

pub(super) struct Reporter {
    host: Arc<Host>,
    container_instance: String,
    /// The engine's state as it was told last, and since when.
    engine: Option<(bool, Timestamp)>,
}

type Tasks = [(Arc<About>, Snapshot)];

impl Reporter {
    pub(super) fn new(host: Arc<Host>, container_instance: &str) -> Self {
        Self { host, container_instance: container_instance.to_owned(), engine: None }
    }

    /// One frame if nothing runs, else as many as it takes.
    pub(super) fn metrics(
        &self,
        tasks: &Tasks,
        meter: &mut Meter,
        disks: Option<Disks>,
    ) -> Vec<FromAgent> {
        let message_id = self.host.message_id();
        let frame = |task_metrics, idle, fin| {
            FromAgent::from(PublishMetricsRequest {
                metadata: MetricsMetadata {
                    cluster: self.host.options.cluster.clone(),
                    container_instance: self.container_instance.clone(),
                    message_id: message_id.clone(),
                    idle,
                    fin,
                },
                instance_metrics: disks.map(instance_metrics),
                task_metrics,
                timestamp: Some(EpochSeconds(self.host.now())),
            })
        };
        let is_idle = !tasks
            .iter()
            .any(|(_, task)| task.containers.iter().any(|container| container.is_running));
        if is_idle {
            return vec![frame(Vec::new(), true, true)];
        }
        let metrics: Vec<_> =
            tasks.iter().filter_map(|(about, task)| task_metric(about, task, meter)).collect();
        let mut parts = split(metrics);
        let last = parts.pop();
        let mut frames: Vec<_> = parts.into_iter().map(|part| frame(part, false, false)).collect();
        frames.extend(last.map(|part| frame(part, false, true)));
        frames
    }

    /// Nothing if no container has a health check.
    pub(super) fn health(&self, tasks: &Tasks) -> Vec<FromAgent> {
        let message_id = self.host.message_id();
        let healths: Vec<_> =
            tasks.iter().filter_map(|(about, task)| task_health(about, task)).collect();
        let parts = healths.chunks(MAX_TASKS_PER_FRAME);
        let last = parts.len();
        parts
            .enumerate()
            .map(|(at, tasks)| {
                FromAgent::from(PublishHealthRequest {
                    metadata: HealthMetadata {
                        cluster: self.host.options.cluster.clone(),
                        container_instance: self.container_instance.clone(),
                        message_id: message_id.clone(),
                        fin: at + 1 == last,
                    },
                    tasks: tasks.to_vec(),
                    timestamp: Some(EpochSeconds(self.host.now())),
                })
            })
            .collect()
    }

    pub(super) fn instance_status(&mut self, engine_is_well: bool) -> FromAgent {
        let now = self.host.now();
        let since = match self.engine {
            Some((told, since)) if told == engine_is_well => since,
            _ => now,
        };
        self.engine = Some((engine_is_well, since));
        let status = InstanceStatus {
            kind: InstanceStatusType::ContainerRuntime,
            status: if engine_is_well { InstanceHealth::Ok } else { InstanceHealth::Impaired },
            status_reason: None,
            last_updated: Some(EpochSeconds(now)),
            last_status_change: Some(EpochSeconds(since)),
        };
        FromAgent::from(PublishInstanceStatusRequest {
            metadata: InstanceStatusMetadata {
                cluster: self.host.options.cluster.clone(),
                container_instance: self.container_instance.clone(),
                request_id: self.host.message_id(),
            },
            statuses: vec![status],
            timestamp: Some(EpochSeconds(now)),
        })
    }
}

fn instance_metrics(disks: Disks) -> InstanceMetrics {
    InstanceMetrics {
        storage: Some(InstanceStorageMetrics {
            root_filesystem: disks.root.map(Disk::used_percent),
            data_filesystem: disks.data.map(Disk::used_percent),
        }),
    }
}

fn task_metric(about: &About, task: &Snapshot, meter: &mut Meter) -> Option<TaskMetric> {
    let mut metric = |container: &ContainerSnapshot| -> Option<ContainerMetric> {
        let metric = meter.publish(&container.name, container.id.as_ref()?)?;
        let restart_stats_set =
            container.restarts.map(|restarts| RestartStatsSet { restart_count: restarts.into() });
        Some(ContainerMetric { restart_stats_set, ..metric })
    };
    let container_metrics: Vec<_> = task.containers.iter().filter_map(&mut metric).collect();
    (!container_metrics.is_empty()).then(|| TaskMetric {
        task_arn: about.arn.clone(),
        cluster_arn: about.cluster.clone(),
        task_definition_family: about.family.clone(),
        task_definition_version: about.version.clone(),
        container_metrics,
        ephemeral_storage_metrics: None,
    })
}

fn task_health(about: &About, task: &Snapshot) -> Option<TaskHealth> {
    let health = |container: &ContainerSnapshot| {
        let health = container.health.filter(|_| container.is_running)?;
        Some(ContainerHealth {
            container_name: container.name.clone(),
            health_status: HealthStatus::from(health.status.as_str()),
            status_since: Some(EpochSeconds(health.since)),
            status_message: None,
        })
    };
    let containers: Vec<_> = task.containers.iter().filter_map(health).collect();
    (!containers.is_empty()).then(|| TaskHealth {
        task_arn: about.arn.clone(),
        cluster_arn: about.cluster.clone(),
        task_definition_family: about.family.clone(),
        task_definition_version: about.version.clone(),
        containers,
    })
}

/// As few parts as the limits on tasks and bytes allow.
fn split(metrics: Vec<TaskMetric>) -> Vec<Vec<TaskMetric>> {
    let mut parts: Vec<Vec<TaskMetric>> = Vec::new();
    let mut bytes = 0;
    for metric in metrics {
        let size = serde_json::to_vec(&metric).map_or(0, |text| text.len() + 1);
        let fits = |part: &&mut Vec<TaskMetric>| {
            part.len() < MAX_TASKS_PER_FRAME && bytes + size <= MAX_FRAME_BYTES - FRAME_RESERVE
        };
        match parts.last_mut().filter(fits) {
            Some(part) => {
                part.push(metric);
                bytes += size;
            }
            None => {
                parts.push(vec![metric]);
                bytes = size;
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(container_name_length: usize) -> TaskMetric {
        let container = ContainerMetric {
            container_name: "x".repeat(container_name_length),
            ..ContainerMetric::default()
        };
        TaskMetric { container_metrics: vec![container], ..TaskMetric::default() }
    }

    #[test]
    fn a_frame_holds_ten_tasks_or_a_mebibyte() {
        let sizes = |metrics| split(metrics).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(vec![metric(1); 23]), [10, 10, 3]);
        assert_eq!(sizes(vec![metric(400 << 10); 5]), [2, 2, 1]);
        assert!(sizes(vec![]).is_empty());
    }
}
