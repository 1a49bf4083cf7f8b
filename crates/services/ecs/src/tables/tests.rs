//! Whatever is put and deleted, in whatever order: what a table keeps beside its rows is what a count of
//! its rows would give, and an empty table keeps nothing.

use std::collections::{BTreeMap, BTreeSet};

use berth_control::tables::{Indexes, Record};
use berth_deployment::Progress;
use berth_model::{
    ClusterId, ClusterStatus, ContainerInstanceId, ContainerInstanceStatus, CpuUnits,
    DeploymentController, DesiredStatus, LaunchType, MemoryMib, SchedulingStrategy, Scope,
    ServiceDeploymentId, ServiceId, ServiceStatus, Tags, TaskDefinitionId, TaskDefinitionStatus,
    TaskId, TaskSetId, TaskStatus, Timestamp,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// One write of a history.
#[derive(Clone, Debug)]
enum Write<R: Record> {
    Put(R),
    Delete(R::Key),
}

/// The rows after a history, and the indexes that were kept along the way.
type Played<R> = (BTreeMap<<R as Record>::Key, R>, <R as Record>::Indexes);

fn played<R: Record>(history: Vec<Write<R>>) -> Played<R> {
    let (mut rows, mut indexes) = (BTreeMap::new(), R::Indexes::default());
    for write in history {
        let before = match write {
            Write::Put(row) => {
                match rows.insert(row.key(), row.clone()) {
                    Some(before) => indexes.update(&before, &row),
                    None => indexes.insert(&row),
                }
                continue;
            }
            Write::Delete(key) => rows.remove(&key),
        };
        if let Some(before) = before {
            indexes.remove(&before);
        }
    }
    (rows, indexes)
}

/// The indexes of the history are those of its rows, and go away with them.
fn check<R: Record<Indexes: std::fmt::Debug + PartialEq>>(
    history: Vec<Write<R>>,
) -> Result<Played<R>, TestCaseError> {
    let (rows, indexes) = played(history);
    let mut anew = R::Indexes::default();
    rows.values().for_each(|row| anew.insert(row));
    prop_assert_eq!(&indexes, &anew);
    prop_assert_eq!(&indexes, &R::Indexes::of_all(&rows.values().collect::<Vec<_>>()));
    let mut emptied = indexes.clone();
    rows.values().for_each(|row| emptied.remove(row));
    prop_assert_eq!(emptied, R::Indexes::default());
    Ok((rows, indexes))
}

fn history<R: Record + std::fmt::Debug>(
    row: impl Strategy<Value = R>,
) -> impl Strategy<Value = Vec<Write<R>>>
where
    R::Key: std::fmt::Debug,
{
    let write = (row, prop::bool::weighted(0.7)).prop_map(|(row, put)| match put {
        true => Write::Put(row),
        false => Write::Delete(row.key()),
    });
    vec(write, 0..60)
}

fn scope(region: &str) -> Scope {
    let name = format!("arn:aws:ecs:{region}:123456789012:cluster/c");
    name.parse::<berth_model::ClusterArn>().expect("an ARN").scope
}

fn few() -> impl Strategy<Value = u8> + Clone {
    0..4_u8
}

fn instant() -> impl Strategy<Value = Timestamp> {
    few().prop_map(|second| Timestamp::from_millis(i64::from(second) * 1000))
}

pub(crate) fn task() -> impl Strategy<Value = Task> {
    let statuses = (select(TaskStatus::ALL), select(DesiredStatus::ALL), select(LaunchType::ALL));
    let places = (few(), prop::option::of(few()), few());
    let of_service = (prop::option::of(few()), any::<bool>());
    let sizes = (0..5000_u32, 0..5000_u32);
    (0..12_u8, places, of_service, statuses, sizes, prop::option::of(instant())).prop_map(
        |(
            id,
            (cluster, instance, definition),
            (service, accounted),
            (last, desired, launch_type),
            (cpu, memory),
            stopped_at,
        )| Task {
            container_instance: instance
                .map(|instance| ContainerInstanceId::from_bytes([instance; 16])),
            launch_type,
            desired_status: desired,
            last_status: last,
            times: TaskTimes { stopped_at, ..Default::default() },
            // No two tasks have a port or a GPU in common, as placement sees to.
            reserved: Reservation {
                cpu: CpuUnits(cpu),
                memory: MemoryMib(memory),
                tcp: [u16::from(id) * 10, u16::from(id) * 10 + 1].into_iter().collect(),
                udp: [u16::from(id)].into_iter().collect(),
                gpus: [format!("gpu-{id}")].into_iter().collect(),
                dynamic_tcp: u32::from(id),
                dynamic_udp: 1,
            },
            group: format!("family:{cluster}").into(),
            service: service.map(|service| ServiceId::from_bytes([service; 16])),
            deployment: service.map(|_| TaskSetId::from_number(u64::from(cluster))),
            accounted,
            ..Task::new(
                TaskId::from_bytes([id; 16]),
                ClusterId::from_bytes([cluster; 16]),
                scope("us-east-1"),
                TaskDefinitionId::from_bytes([definition; 16]),
                "web".parse().expect("a family"),
                Timestamp::EPOCH,
            )
        },
    )
}

/// What `usage` must say, counted row by row.
fn counted_usage(rows: &BTreeMap<TaskId, Task>, instance: ContainerInstanceId) -> Usage {
    let mut usage = Usage::default();
    let here = rows.values().filter(|task| task.container_instance == Some(instance));
    for task in here.filter(|task| task.last_status < TaskStatus::Stopped) {
        usage.cpu = CpuUnits(usage.cpu.0 + task.reserved.cpu.0);
        usage.memory = MemoryMib(usage.memory.0 + task.reserved.memory.0);
        usage.tcp.extend(task.reserved.tcp.iter().copied());
        usage.udp.extend(task.reserved.udp.iter().copied());
        usage.gpus.extend(task.reserved.gpus.iter().cloned());
        usage.dynamic_tcp += task.reserved.dynamic_tcp;
        usage.dynamic_udp += task.reserved.dynamic_udp;
        *usage.groups.entry(task.group.as_str().into()).or_default() += 1;
        match task.last_status {
            TaskStatus::Running => usage.counts.running += 1,
            status
                if status < TaskStatus::Running
                    && task.desired_status == DesiredStatus::Running =>
            {
                usage.counts.pending += 1;
            }
            _ => {}
        }
    }
    usage
}

pub(crate) fn container_instance() -> impl Strategy<Value = ContainerInstance> {
    let zone = prop::option::of(select(&["a", "b"][..]));
    let status = select(ContainerInstanceStatus::ALL);
    (0..8_u8, few(), zone, status, prop::option::of(instant())).prop_map(
        |(id, cluster, zone, status, deregistered_at)| ContainerInstance {
            address: None,
            id: ContainerInstanceId::from_bytes([id; 16]),
            cluster: ClusterId::from_bytes([cluster; 16]),
            scope: scope("us-east-1"),
            status,
            status_reason: None,
            agent_connected: true,
            version: 1,
            registered_at: Timestamp::EPOCH,
            registered: RegisteredResources::default(),
            agent: AgentVersion::default(),
            attributes: zone
                .map(|zone| {
                    let zone = Attribute { value: Some(zone.to_owned()), custom: false };
                    BTreeMap::from([("ecs.availability-zone".to_owned(), zone)])
                })
                .unwrap_or_default()
                .into(),
            ec2_instance_id: None,
            capacity_provider: None,
            tags: Tags::new(),
            long_arn: true,
            sequence: 0,
            health: None,
            connection_changed_at: None,
            registered_by: String::new(),
            deregistered_at,
        },
    )
}

fn cluster() -> impl Strategy<Value = Cluster> {
    let name = select(&["a", "b", "c"][..]);
    let region = select(&["us-east-1", "eu-west-1"][..]);
    (0..8_u8, name, region, select(ClusterStatus::ALL), prop::option::of(instant())).prop_map(
        |(id, name, region, status, deleted_at)| Cluster {
            id: ClusterId::from_bytes([id; 16]),
            scope: scope(region),
            name: name.parse().expect("a name"),
            status,
            created_at: Timestamp::EPOCH,
            settings: BTreeMap::new(),
            configuration: None,
            service_connect_defaults: None,
            capacity_providers: Vec::new(),
            default_capacity_provider_strategy: Vec::new(),
            tags: Tags::new(),
            deleted_at,
        },
    )
}

pub(crate) fn task_definition() -> impl Strategy<Value = TaskDefinition> {
    let family = select(&["a", "b"][..]);
    (0..8_u8, family, 1..4_u32, select(TaskDefinitionStatus::ALL)).prop_map(
        |(id, family, revision, status)| TaskDefinition {
            id: TaskDefinitionId::from_bytes([id; 16]),
            scope: scope("us-east-1"),
            family: family.parse().expect("a family"),
            revision,
            status,
            registered_at: Timestamp::EPOCH,
            deregistered_at: None,
            delete_requested_at: None,
            registered_by: String::new(),
            content: Content::new(Default::default()),
            tags: Tags::new(),
        },
    )
}

fn number() -> impl Strategy<Value = TaskSetId> {
    (0..6_u64).prop_map(TaskSetId::from_number)
}

fn unplaced() -> impl Strategy<Value = Unplaced> {
    (0..2_u32, any::<bool>()).prop_map(|(tasks, unlaunched)| Unplaced {
        tasks,
        unlaunched,
        ..Default::default()
    })
}

fn service() -> impl Strategy<Value = Service> {
    let name = select(&["a", "b", "c"][..]);
    (0..8_u8, few(), name, select(ServiceStatus::ALL), prop::option::of(instant())).prop_map(
        |(id, cluster, name, status, inactive_at)| Service {
            id: ServiceId::from_bytes([id; 16]),
            cluster: ClusterId::from_bytes([cluster; 16]),
            scope: scope("us-east-1"),
            name: name.parse().expect("a name"),
            status,
            created_at: Timestamp::EPOCH,
            created_by: String::new(),
            long_arn: true,
            scheduling_strategy: SchedulingStrategy::Replica,
            controller: DeploymentController::Ecs,
            desired_count: 1,
            deployment_configuration: Stored::new(Default::default()),
            placement_constraints: Vec::new(),
            placement_strategy: Vec::new(),
            health_check_grace_period_seconds: None,
            zone_rebalancing: false,
            propagate_tags: TagSource::Nothing,
            managed_tags: false,
            enable_execute_command: false,
            tags: Tags::new(),
            revision: None,
            memory: Default::default(),
            last_event: 0,
            inactive_at,
        },
    )
}

fn service_deployment() -> impl Strategy<Value = ServiceDeployment> {
    let places = (few(), few(), few());
    (number(), places, instant(), unplaced(), prop::option::of(instant())).prop_map(
        |(number, (service, cluster, definition), created_at, unplaced, ended_at)| {
            ServiceDeployment {
                service: ServiceId::from_bytes([service; 16]),
                number,
                id: ServiceDeploymentId::from_bytes([number.number() as u8; 16]),
                task_definition: TaskDefinitionId::from_bytes([definition; 16]),
                created_at,
                sources: Vec::new(),
                configuration: Stored::new(Default::default()),
                progress: Progress::begin(1, Timestamp::EPOCH),
                unplaced,
                ended_at,
                cluster: ClusterId::from_bytes([cluster; 16]),
            }
        },
    )
}

fn task_set() -> impl Strategy<Value = TaskSet> {
    (number(), few(), few(), few(), unplaced()).prop_map(
        |(id, service, cluster, definition, unplaced)| TaskSet {
            service: ServiceId::from_bytes([service; 16]),
            id,
            task_definition: TaskDefinitionId::from_bytes([definition; 16]),
            external_id: None,
            started_by: None,
            scale: 100.0,
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
            tags: Tags::new(),
            progress: Progress::begin(1, Timestamp::EPOCH),
            unplaced,
            cluster: ClusterId::from_bytes([cluster; 16]),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn tasks(history in history(task())) {
        let (rows, indexes) = check(history)?;
        for number in 0..4 {
            let instance = ContainerInstanceId::from_bytes([number; 16]);
            prop_assert_eq!(indexes.usage.get(&instance), &counted_usage(&rows, instance));
            let cluster = ClusterId::from_bytes([number; 16]);
            let of_cluster = || rows.values().filter(|task| task.cluster == cluster);
            let unfinished = of_cluster().filter(|task| task.last_status < TaskStatus::Stopped).count();
            prop_assert_eq!(indexes.unfinished(cluster), unfinished as u64);
            let service = ServiceId::from_bytes([number; 16]);
            let open = rows.values().filter(|task| task.service == Some(service));
            let open = open.filter(|task| task.last_status < TaskStatus::Stopped || !task.accounted);
            let found: Vec<TaskId> = indexes.by_service.get(&service).copied().collect();
            prop_assert_eq!(found, open.map(|task| task.id).collect::<Vec<_>>());
            let running = of_cluster().filter(|task| task.last_status == TaskStatus::Running).count();
            prop_assert_eq!(indexes.cluster_counts(cluster).running, running as u32);
            for desired in DesiredStatus::ALL {
                let listed: Vec<TaskId> = indexes.by_cluster.get(&(cluster, *desired)).copied().collect();
                let expected = of_cluster().filter(|task| task.desired_status == *desired);
                prop_assert_eq!(listed, expected.map(|task| task.id).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn container_instances(history in history(container_instance())) {
        let (rows, indexes) = check(history)?;
        for number in 0..4 {
            let cluster = ClusterId::from_bytes([number; 16]);
            let active = rows.values().filter(|row| {
                row.cluster == cluster && row.status == ContainerInstanceStatus::Active
            });
            let zones: BTreeSet<&str> = active.filter_map(ContainerInstance::zone).collect();
            prop_assert_eq!(indexes.zones(cluster).collect::<BTreeSet<_>>(), zones);
        }
    }

    #[test]
    fn clusters(history in history(cluster())) {
        let (rows, indexes) = check(history)?;
        let here = scope("us-east-1");
        let active = rows.values().filter(|row| row.scope == here && row.status == ClusterStatus::Active);
        prop_assert_eq!(indexes.active.get(&here), active.count() as u64);
    }

    #[test]
    fn services(history in history(service())) {
        let (rows, indexes) = check(history)?;
        for number in 0..4 {
            let cluster = ClusterId::from_bytes([number; 16]);
            let of_cluster = || rows.values().filter(|row| row.cluster == cluster);
            let active = of_cluster().filter(|row| row.status == ServiceStatus::Active).count();
            prop_assert_eq!(indexes.active.get(&cluster), active as u64);
            let present = of_cluster().filter(|row| row.status != ServiceStatus::Inactive).count();
            prop_assert_eq!(indexes.present.get(&cluster), present as u64);
        }
    }

    #[test]
    fn service_deployments(history in history(service_deployment())) {
        check(history)?;
    }

    #[test]
    fn task_sets(history in history(task_set())) {
        check(history)?;
    }

    #[test]
    fn task_definitions(history in history(task_definition())) {
        check(history)?;
    }
}
