//! A cluster as DescribeClusters and the operations that change it show it.

use berth_aws_api::ecs as api;
use berth_control::tables::View;
use berth_model::{ClusterArn, ContainerInstanceStatus, LaunchType, ServiceStatus};

use crate::tables::{Cluster, ContainerInstance, Service, ServiceRevision, Task};

/// Which of the optional parts to show (`include` of DescribeClusters).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClusterDetail {
    pub attachments: bool,
    pub configurations: bool,
    pub settings: bool,
    pub statistics: bool,
    pub tags: bool,
}

impl ClusterDetail {
    /// What operations that change a cluster answer with.
    pub const CHANGED: Self = Self {
        attachments: false,
        configurations: true,
        settings: true,
        statistics: false,
        tags: true,
    };
}

pub fn cluster_arn(cluster: &Cluster) -> ClusterArn {
    ClusterArn { scope: cluster.scope.clone(), name: cluster.name.clone() }
}

pub fn cluster(view: &impl View, cluster: &Cluster, detail: ClusterDetail) -> api::Cluster {
    let counts = view.table::<Task>().indexes().cluster_counts(cluster.id);
    let strategy = cluster.default_capacity_provider_strategy.iter().map(|item| (**item).clone());
    api::Cluster {
        cluster_arn: Some(cluster_arn(cluster).to_string()),
        cluster_name: Some(cluster.name.to_string()),
        status: Some(cluster.status.as_str().to_owned()),
        registered_container_instances_count: Some(registered_instances(view, cluster)),
        running_tasks_count: Some(count(counts.running)),
        pending_tasks_count: Some(count(counts.pending)),
        active_services_count: Some(count(
            view.table::<Service>().indexes().active.get(&cluster.id) as u32,
        )),
        statistics: Some(if detail.statistics { statistics(view, cluster) } else { Vec::new() }),
        tags: Some(if detail.tags { super::tags(&cluster.tags) } else { Vec::new() }),
        settings: Some(if detail.settings { settings(cluster) } else { Vec::new() }),
        configuration: cluster
            .configuration
            .as_ref()
            .filter(|_| detail.configurations)
            .map(|configuration| (**configuration).clone()),
        capacity_providers: Some(cluster.capacity_providers.clone()),
        default_capacity_provider_strategy: Some(strategy.collect()),
        attachments: detail.attachments.then(Vec::new),
        ..Default::default()
    }
}

fn settings(cluster: &Cluster) -> Vec<api::ClusterSetting> {
    let setting = |(name, value): (&String, &String)| api::ClusterSetting {
        name: Some(name.as_str().into()),
        value: Some(value.clone()),
    };
    cluster.settings.iter().map(setting).collect()
}

/// AWS: INACTIVE instances are still describable but no longer counted.
fn registered_instances(view: &impl View, cluster: &Cluster) -> i32 {
    let instances = view.table::<ContainerInstance>();
    let of_cluster =
        instances.indexes().by_cluster.get(&cluster.id).filter_map(|id| instances.get(id));
    let registered = of_cluster.filter(|instance| {
        matches!(
            instance.status,
            ContainerInstanceStatus::Active | ContainerInstanceStatus::Draining
        )
    });
    count(registered.count() as u32)
}

/// The counts by launch type, of tasks and of services.
fn statistics(view: &impl View, cluster: &Cluster) -> Vec<api::KeyValuePair> {
    let tasks = view.table::<Task>().indexes();
    let launch_types = [
        (LaunchType::Ec2, "EC2"),
        (LaunchType::Fargate, "Fargate"),
        (LaunchType::External, "External"),
    ];
    let statistic = |name: String, count: u32| api::KeyValuePair {
        name: Some(name),
        value: Some(count.to_string()),
    };
    let of_type = |(launch_type, word): (LaunchType, &str)| {
        let counts = tasks.counts(cluster.id, launch_type);
        let services = |status| services(view, cluster, launch_type, status);
        [
            statistic(format!("running{word}TasksCount"), counts.running),
            statistic(format!("pending{word}TasksCount"), counts.pending),
            statistic(format!("active{word}ServiceCount"), services(ServiceStatus::Active)),
            statistic(format!("draining{word}ServiceCount"), services(ServiceStatus::Draining)),
        ]
    };
    launch_types.into_iter().flat_map(of_type).collect()
}

/// A service whose tasks a capacity provider strategy divides has no launch type, and is counted with none.
fn services(
    view: &impl View,
    cluster: &Cluster,
    launch_type: LaunchType,
    status: ServiceStatus,
) -> u32 {
    let table = view.table::<Service>();
    let of_cluster = table.indexes().by_cluster.get(&cluster.id);
    let runs = |service: &&Service| {
        let revision = service.revision.map(|number| (service.id, number));
        let revision = revision.and_then(|key| view.get::<ServiceRevision>(&key));
        service.status == status
            && revision.is_some_and(|found| found.launch_type == Some(launch_type))
    };
    of_cluster.filter_map(|(_, id)| table.get(id)).filter(runs).count() as u32
}

fn count(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
