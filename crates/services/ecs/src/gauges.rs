//! How clusters and services stand, for whoever watches over them.
//!
//! A server that follows tells the same as the one that leads, a little later: ask any one of them, or take the largest.

use std::collections::BTreeMap;

use berth_control::cell::{Cell, Snapshot};
use berth_control::metrics::{Collector, Readings};
use berth_model::{ClusterId, ClusterStatus, ContainerInstanceStatus, ServiceStatus};

use crate::render::service_counts;
use crate::service::Ecs;
use crate::tables::{Cluster, ContainerInstance, Service, ServiceDeployment, Task, WaitingTask};

pub struct EcsGauges {
    cell: Cell,
}

impl Ecs {
    pub fn gauges(&self) -> EcsGauges {
        EcsGauges { cell: self.cell.clone() }
    }
}

/// Container instances of one cluster.
#[derive(Clone, Copy, Default)]
struct Instances {
    active: u32,
    draining: u32,
    disconnected: u32,
}

impl Collector for EcsGauges {
    fn collect(&self, readings: &mut Readings) {
        let snapshot = self.cell.snapshot();
        of_clusters(&snapshot, readings);
        of_services(&snapshot, readings);
    }
}

fn of_clusters(snapshot: &Snapshot, readings: &mut Readings) {
    let clusters: Vec<&Cluster> = snapshot
        .table::<Cluster>()
        .iter()
        .filter(|cluster| cluster.status == ClusterStatus::Active)
        .collect();
    let instances = instances(snapshot);
    let tasks = snapshot.table::<Task>().indexes();
    let waiting = &snapshot.table::<WaitingTask>().indexes().by_cluster;
    let services = snapshot.table::<Service>().indexes();

    let mut gauge = readings.gauge("berth_ecs_tasks", "Tasks of a cluster by how far they are");
    for cluster in &clusters {
        let counts = tasks.cluster_counts(cluster.id);
        let provisioning = waiting.get(&cluster.id).count();
        gauge.sample(&labels(cluster, [("status", "running")]), counts.running);
        gauge.sample(&labels(cluster, [("status", "pending")]), counts.pending);
        gauge.sample(&labels(cluster, [("status", "provisioning")]), provisioning);
    }
    let mut gauge =
        readings.gauge("berth_ecs_container_instances", "Container instances by their status");
    let of = |cluster: &Cluster| instances.get(&cluster.id).copied().unwrap_or_default();
    for cluster in &clusters {
        gauge.sample(&labels(cluster, [("status", "active")]), of(cluster).active);
        gauge.sample(&labels(cluster, [("status", "draining")]), of(cluster).draining);
    }
    let mut gauge = readings.gauge(
        "berth_ecs_container_instances_disconnected",
        "Container instances, active or draining, whose agent is away",
    );
    for cluster in &clusters {
        gauge.sample(&labels(cluster, []), of(cluster).disconnected);
    }
    let mut gauge = readings.gauge("berth_ecs_services", "Active services of a cluster");
    for cluster in &clusters {
        gauge.sample(&labels(cluster, []), services.active.get(&cluster.id));
    }
}

fn instances(snapshot: &Snapshot) -> BTreeMap<ClusterId, Instances> {
    let mut all: BTreeMap<ClusterId, Instances> = BTreeMap::new();
    for instance in snapshot.table::<ContainerInstance>().iter() {
        let hosts = all.entry(instance.cluster).or_default();
        match instance.status {
            ContainerInstanceStatus::Active => hosts.active += 1,
            ContainerInstanceStatus::Draining => hosts.draining += 1,
            _ => continue,
        }
        hosts.disconnected += u32::from(!instance.agent_connected);
    }
    all
}

fn of_services(snapshot: &Snapshot, readings: &mut Readings) {
    let table = snapshot.table::<Service>();
    let served: Vec<(&Cluster, &Service)> = table
        .iter()
        .filter(|service| service.status == ServiceStatus::Active)
        .filter_map(|service| Some((snapshot.get::<Cluster>(&service.cluster)?, service)))
        .collect();

    let mut gauge =
        readings.gauge("berth_ecs_service_tasks", "Tasks of a service, and how many it wants");
    for (cluster, service) in &served {
        let counts = service_counts(snapshot, service);
        let mut tell = |status, count| {
            let more = [("service", service.name.as_str()), ("status", status)];
            gauge.sample(&labels(cluster, more), count);
        };
        tell("desired", counts.desired);
        tell("running", counts.running);
        tell("pending", counts.pending);
    }
    let in_play = &snapshot.table::<ServiceDeployment>().indexes().in_play;
    let mut gauge = readings.gauge(
        "berth_ecs_service_deployments",
        "Deployments of a service that are in play: one at rest",
    );
    for (cluster, service) in &served {
        let more = [("service", service.name.as_str())];
        gauge.sample(&labels(cluster, more), in_play.get(&service.id).count());
    }
}

type Label<'a> = (&'static str, &'a str);

fn labels<'a, const N: usize>(cluster: &'a Cluster, more: [Label<'a>; N]) -> Vec<Label<'a>> {
    let scope = [("region", cluster.scope.region.as_str()), ("cluster", cluster.name.as_str())];
    scope.into_iter().chain(more).collect()
}
