//! What was stored once still loads.
//!
//! `older_records/NAME.N.hex` is a record as version N of its table wrote it, frozen: such a file is never
//! changed, only joined by the next one when a record grows. A record also loads with fields that a later
//! version wrote, and without those that a later version added.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use berth_aws_api::ecs as api;
use berth_control::tables::Record;
use berth_deployment::{Progress, Weights};
use berth_ecs::tables::{
    AccountSetting, AgentVersion, Attachment, Attribute, BegunDeployment, CapacityProvider,
    Cluster, Container, ContainerInstance, Content, CredentialsIds, Frozen, HeldStage, Hold,
    InstanceState, ManagedAgent, NetworkBinding, RegisteredResources, Reservation, ResolvedImage,
    ResolvedImages, ResourceChanges, Service, ServiceDeployment, ServiceEvent, ServiceRevision,
    SettingOwner, StateChange, Stored, Subject, TagSource, Task, TaskDefinition,
    TaskDefinitionFamily, TaskSet, TaskTimes, Unplaced, WaitingTask,
};
use berth_model::{
    AttachmentId, ClusterArn, ClusterId, ClusterStatus, ContainerId, ContainerInstanceId,
    ContainerInstanceStatus, ContainerStatus, CpuUnits, CredentialsId, DeploymentController,
    DesiredStatus, HealthStatus, LaunchType, MemoryMib, SchedulingStrategy, Scope,
    ServiceDeploymentId, ServiceId, ServiceStatus, StopCode, Tags, TaskDefinitionId,
    TaskDefinitionStatus, TaskId, TaskSetId, TaskStatus, Timestamp,
};
use minicbor::{Decoder, Encoder};

/// The record that the frozen bytes are of.
fn frozen<R: Record + PartialEq + Debug>(hex: &str, expected: &R) -> Vec<u8> {
    let mut today = Vec::new();
    expected.encode(&mut today);
    let hex: String = hex.split_whitespace().collect();
    let bytes = bytes(&hex);
    let loaded = R::decode(&bytes)
        .unwrap_or_else(|error| panic!("{error}; today's bytes are {}", text(&today)));
    assert_eq!(loaded, *expected, "today's bytes are {}", text(&today));
    assert_eq!(R::decode(&today).as_ref().ok(), Some(expected), "what is written now loads too");
    bytes
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> =
        hex.chars().map(|digit| digit.to_digit(16).expect("a hex digit")).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The record with so many fields: with unknown ones after its own, or without its last ones.
fn with_fields(record: &[u8], fields: impl Fn(u64) -> u64) -> Vec<u8> {
    let mut decoder = Decoder::new(record);
    let had = decoder.array().expect("a record is an array").expect("of a known length");
    let has = fields(had);
    let begins = decoder.position();
    for _ in 0..had.min(has) {
        decoder.skip().expect("a field");
    }
    let ends = decoder.position();
    let mut changed = Vec::new();
    let mut encoder = Encoder::new(&mut changed);
    encoder.array(has).expect("memory takes it");
    encoder.writer_mut().extend_from_slice(&record[begins..ends]);
    for number in had..has {
        encoder.str(&format!("field {number} of a later version")).expect("memory takes it");
    }
    changed
}

fn loads_with_unknown_fields<R: Record + PartialEq + Debug>(record: &[u8], expected: &R) {
    let later = with_fields(record, |fields| fields + 2);
    assert_eq!(R::decode(&later).as_ref().ok(), Some(expected));
}

fn scope() -> Scope {
    "arn:aws:ecs:us-east-1:123456789012:cluster/c".parse::<ClusterArn>().expect("an ARN").scope
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(1_767_323_045_000 + second * 1000)
}

fn tags() -> Tags {
    [("team".to_owned(), "a".to_owned())].into_iter().collect()
}

fn cluster() -> Cluster {
    Cluster {
        id: ClusterId::from_bytes([1; 16]),
        scope: scope(),
        name: "web".parse().expect("a name"),
        status: ClusterStatus::Inactive,
        created_at: at(0),
        settings: BTreeMap::from([("containerInsights".to_owned(), "enhanced".to_owned())]),
        configuration: Some(Stored::new(api::ClusterConfiguration {
            execute_command_configuration: Some(api::ExecuteCommandConfiguration {
                kms_key_id: Some("key".to_owned()),
                ..Default::default()
            }),
            ..Default::default()
        })),
        service_connect_defaults: Some(Stored::new(api::ClusterServiceConnectDefaults {
            namespace: Some("n".to_owned()),
        })),
        capacity_providers: vec!["FARGATE".to_owned()],
        default_capacity_provider_strategy: vec![Stored::new(api::CapacityProviderStrategyItem {
            capacity_provider: Some("FARGATE".to_owned()),
            weight: Some(1),
            base: Some(2),
        })],
        tags: tags(),
        deleted_at: Some(at(9)),
    }
}

fn task_definition() -> TaskDefinition {
    TaskDefinition {
        id: TaskDefinitionId::from_bytes([2; 16]),
        scope: scope(),
        family: "web".parse().expect("a family"),
        revision: 7,
        status: TaskDefinitionStatus::DeleteInProgress,
        registered_at: at(0),
        deregistered_at: Some(at(1)),
        delete_requested_at: Some(at(2)),
        registered_by: "arn:aws:iam::123456789012:root".to_owned(),
        content: Content::new(api::TaskDefinition {
            network_mode: Some(api::NetworkMode::Bridge),
            container_definitions: Some(vec![api::ContainerDefinition {
                name: Some("app".to_owned()),
                image: Some("nginx".to_owned()),
                memory: Some(64),
                ..Default::default()
            }]),
            ..Default::default()
        }),
        tags: tags(),
    }
}

fn container_instance() -> ContainerInstance {
    ContainerInstance {
        address: None,
        id: ContainerInstanceId::from_bytes([3; 16]),
        cluster: ClusterId::from_bytes([1; 16]),
        scope: scope(),
        status: ContainerInstanceStatus::Inactive,
        status_reason: Some("why".to_owned()),
        agent_connected: true,
        version: 5,
        registered_at: at(0),
        registered: RegisteredResources {
            cpu: CpuUnits(1024),
            memory: MemoryMib(2048),
            reserved_tcp: BTreeSet::from([22]),
            reserved_udp: BTreeSet::from([53]),
            gpus: vec!["gpu-1".to_owned()],
            ..Default::default()
        },
        agent: AgentVersion {
            agent_version: "1.105.1".to_owned(),
            agent_hash: "abc".to_owned(),
            docker_version: "27".to_owned(),
        },
        attributes: BTreeMap::from([
            (
                "ecs.os-type".to_owned(),
                Attribute { value: Some("linux".to_owned()), custom: false },
            ),
            ("stack".to_owned(), Attribute { value: None, custom: true }),
        ])
        .into(),
        ec2_instance_id: Some("i-1".to_owned()),
        capacity_provider: Some("cp".to_owned()),
        tags: tags(),
        long_arn: true,
        sequence: 1 << 20,
        health: Some(Stored::new(api::ContainerInstanceHealthStatus {
            overall_status: Some("OK".into()),
            details: Some(Vec::new()),
        })),
        connection_changed_at: Some(at(3)),
        registered_by: "arn:aws:iam::123456789012:root".to_owned(),
        deregistered_at: Some(at(4)),
    }
}

fn task() -> Task {
    Task {
        id: TaskId::from_bytes([4; 16]),
        cluster: ClusterId::from_bytes([1; 16]),
        scope: scope(),
        task_definition: TaskDefinitionId::from_bytes([2; 16]),
        family: "web".parse().expect("a family"),
        container_instance: Some(ContainerInstanceId::from_bytes([3; 16])),
        launch_type: LaunchType::External,
        desired_status: DesiredStatus::Stopped,
        last_status: TaskStatus::Stopped,
        health: HealthStatus::Unhealthy,
        version: 9,
        times: TaskTimes {
            created_at: at(0),
            connectivity_at: Some(at(1)),
            pull_started_at: Some(at(2)),
            pull_stopped_at: Some(at(3)),
            started_at: Some(at(4)),
            stopping_at: Some(at(5)),
            execution_stopped_at: Some(at(6)),
            stopped_at: Some(at(7)),
        },
        containers: Box::new([Container {
            id: ContainerId::from_bytes([5; 16]),
            name: "app".into(),
            status: ContainerStatus::Stopped,
            exit_code: Some(137),
            reason: Some("OutOfMemoryError".into()),
            runtime_id: Some("r".into()),
            image_digest: Some("sha256:aa".into()),
            health: HealthStatus::Healthy,
            network_bindings: vec![NetworkBinding {
                bind_ip: Some("0.0.0.0".into()),
                container_port: Some(80),
                host_port: Some(32768),
                protocol: Some("tcp".into()),
                container_port_range: Some("1-2".into()),
                host_port_range: Some("3-4".into()),
            }]
            .into(),
            gpu_ids: vec!["gpu-1".to_owned()].into(),
            managed_agents: Default::default(),
        }]),
        reserved: Reservation {
            cpu: CpuUnits(256),
            memory: MemoryMib(64),
            tcp: BTreeSet::from([8080]).into(),
            udp: BTreeSet::from([53]).into(),
            gpus: BTreeSet::from(["gpu-1".to_owned()]).into(),
            ..Default::default()
        },
        cpu: Some(CpuUnits(512)),
        memory: Some(MemoryMib(128)),
        group: "family:web".into(),
        started_by: Some("me".into()),
        stop_code: Some(StopCode::EssentialContainerExited),
        stopped_reason: Some("Essential container in task exited".into()),
        overrides: Some(Stored::new(api::TaskOverride {
            cpu: Some("512".to_owned()),
            ..Default::default()
        })),
        tags: tags().into(),
        enable_execute_command: true,
        long_arn: true,
        reference_id: Some("ref".into()),
        capacity_provider: Some("cp".into()),
        protected_until: None,
        holds: Default::default(),
        attachments: Default::default(),
        service: None,
        deployment: None,
        accounted: false,
        credentials: None,
    }
}

fn service() -> Service {
    Service {
        id: ServiceId::from_bytes([9; 16]),
        cluster: ClusterId::from_bytes([1; 16]),
        scope: scope(),
        name: "api".parse().expect("a name"),
        status: ServiceStatus::Draining,
        created_at: at(0),
        created_by: "arn:aws:iam::123456789012:root".to_owned(),
        long_arn: true,
        scheduling_strategy: SchedulingStrategy::Daemon,
        controller: DeploymentController::External,
        desired_count: 3,
        deployment_configuration: Stored::new(api::DeploymentConfiguration {
            maximum_percent: Some(150),
            ..Default::default()
        }),
        placement_constraints: vec![Stored::new(api::PlacementConstraint {
            r#type: Some(api::PlacementConstraintType::DistinctInstance),
            expression: None,
        })],
        placement_strategy: vec![Stored::new(api::PlacementStrategy {
            r#type: Some(api::PlacementStrategyType::Random),
            field: None,
        })],
        health_check_grace_period_seconds: Some(30),
        zone_rebalancing: true,
        propagate_tags: TagSource::Service,
        managed_tags: true,
        enable_execute_command: true,
        tags: tags(),
        revision: Some(number()),
        memory: Default::default(),
        last_event: 7,
        inactive_at: Some(at(9)),
    }
}

fn number() -> TaskSetId {
    TaskSetId::from_number(1_234_567_890_123_456_789)
}

fn unplaced() -> Unplaced {
    Unplaced { tasks: 2, because: Some("full".to_owned()), ..Unplaced::default() }
}

#[test]
fn services() {
    let expected = service();
    let record = frozen(include_str!("older_records/service.1.hex"), &expected);
    loads_with_unknown_fields(&record, &expected);
}

#[test]
fn service_revisions() {
    let expected = ServiceRevision {
        load_balancers: Vec::new(),
        resolved_target_groups: Vec::new(),
        service: service().id,
        number: number(),
        task_definition: TaskDefinitionId::from_bytes([2; 16]),
        family: "web".parse().expect("a family"),
        family_revision: 7,
        launch_type: Some(LaunchType::External),
        capacity_provider_strategy: vec![Stored::new(api::CapacityProviderStrategyItem {
            capacity_provider: Some("FARGATE".to_owned()),
            weight: Some(1),
            base: Some(2),
        })],
        images: vec![("app".to_owned(), "nginx".to_owned())],
        created_at: at(1),
    };
    frozen(include_str!("older_records/service_revision.1.hex"), &expected);
    let balancer = api::LoadBalancer {
        target_group_arn: Some(
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/1".to_owned(),
        ),
        container_name: Some("app".to_owned()),
        container_port: Some(80),
        ..Default::default()
    };
    let grown = ServiceRevision { load_balancers: vec![Stored::new(balancer)], ..expected };
    frozen(include_str!("older_records/service_revision.2.hex"), &grown);
    let resolved =
        vec!["arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/b/2".to_owned()];
    let grown = ServiceRevision { resolved_target_groups: resolved, ..grown };
    let record = frozen(include_str!("older_records/service_revision.3.hex"), &grown);
    loads_with_unknown_fields(&record, &grown);
}

#[test]
fn resolved_images() {
    let expected = ResolvedImages {
        service: service().id,
        number: number(),
        images: vec![ResolvedImage {
            container: "app".to_owned(),
            digest: format!("sha256:{:064x}", 7),
            established_at: at(2),
        }],
    };
    let record = frozen(include_str!("older_records/resolved_images.1.hex"), &expected);
    loads_with_unknown_fields(&record, &expected);
}

#[test]
fn service_deployments() {
    let expected = ServiceDeployment {
        service: service().id,
        number: number(),
        id: ServiceDeploymentId::from_bytes([5; 16]),
        task_definition: TaskDefinitionId::from_bytes([2; 16]),
        created_at: at(1),
        sources: vec![TaskSetId::from_number(1_234_567_890_123_456_788)],
        configuration: service().deployment_configuration,
        progress: Progress::begin(3, at(1)),
        unplaced: unplaced(),
        ended_at: Some(at(5)),
        cluster: ClusterId::from_bytes([1; 16]),
    };
    let record = frozen(include_str!("older_records/service_deployment.1.hex"), &expected);
    loads_with_unknown_fields(&record, &expected);

    let unlaunched = Unplaced { unlaunched: true, zones: vec!["a".to_owned()], ..unplaced() };
    let grown = ServiceDeployment { unplaced: unlaunched, ..expected };
    frozen(include_str!("older_records/service_deployment.2.hex"), &grown);
    let mut grown = grown;
    grown.progress.traffic = Some(Weights { production: 12.5, test: Some(100.0) });
    grown.progress.obstacle = Some("One or more rules not found".to_owned());
    frozen(include_str!("older_records/service_deployment.3.hex"), &grown);
}

#[test]
fn task_sets() {
    let expected = TaskSet {
        service: service().id,
        id: number(),
        task_definition: TaskDefinitionId::from_bytes([2; 16]),
        external_id: Some("blue".to_owned()),
        started_by: Some("CODE_DEPLOY".to_owned()),
        scale: 12.5,
        created_at: at(1),
        updated_at: at(2),
        tags: tags(),
        progress: Progress::begin(1, at(1)),
        unplaced: unplaced(),
        cluster: ClusterId::from_bytes([1; 16]),
    };
    let record = frozen(include_str!("older_records/task_set.1.hex"), &expected);
    loads_with_unknown_fields(&record, &expected);
}

#[test]
fn service_events() {
    let expected = ServiceEvent {
        service: service().id,
        number: 7,
        id: [6; 16],
        created_at: at(3),
        message: "(service api) has reached a steady state.".to_owned(),
        name: "SERVICE_STEADY_STATE".to_owned(),
        kind: "INFO".to_owned(),
        deployment: Some(number()),
        of_deployment: None,
    };
    frozen(include_str!("older_records/service_event.1.hex"), &expected);

    let grown = ServiceEvent { of_deployment: Some("done".to_owned()), ..expected };
    let record = frozen(include_str!("older_records/service_event.2.hex"), &grown);
    loads_with_unknown_fields(&record, &grown);
}

#[test]
fn clusters() {
    let expected = cluster();
    let record = frozen(include_str!("older_records/cluster.1.hex"), &expected);
    loads_with_unknown_fields(&record, &expected);
    let shorter = with_fields(&record, |fields| fields - 1);
    assert_eq!(Cluster::decode(&shorter).ok(), Some(Cluster { deleted_at: None, ..expected }));
}

#[test]
fn task_definition_families() {
    let family = "web".parse().expect("a family");
    let expected = TaskDefinitionFamily { scope: scope(), family, last_revision: 7 };
    let record = frozen(include_str!("older_records/task_definition_family.1.hex"), &expected);
    loads_with_unknown_fields(&record, &expected);
}

#[test]
fn task_definitions() {
    let expected = task_definition();
    let record = frozen(include_str!("older_records/task_definition.1.hex"), &expected);
    loads_with_unknown_fields(&record, &expected);
}

#[test]
fn container_instances() {
    let expected = container_instance();
    let record = frozen(include_str!("older_records/container_instance.1.hex"), &expected);
    let reached = ContainerInstance { address: Some([10, 0, 0, 5].into()), ..expected.clone() };
    let newest = frozen(include_str!("older_records/container_instance.3.hex"), &reached);
    loads_with_unknown_fields(&newest, &reached);
    let shorter = with_fields(&record, |fields| fields - 1);
    let expected = ContainerInstance { deregistered_at: None, ..expected };
    assert_eq!(ContainerInstance::decode(&shorter).ok(), Some(expected));

    let grown = ContainerInstance {
        registered: RegisteredResources {
            neuron_cores: vec!["0".to_owned()],
            neuron_devices: vec!["neuron0".to_owned()],
            ..container_instance().registered
        },
        ..container_instance()
    };
    frozen(include_str!("older_records/container_instance.2.hex"), &grown);
}

#[test]
fn tasks() {
    let protected = Task { protected_until: Some(at(8)), ..task() };
    frozen(include_str!("older_records/task.2.hex"), &protected);
    let expected = task();
    let record = frozen(include_str!("older_records/task.1.hex"), &expected);
    let shorter = with_fields(&record, |fields| fields - 2);
    let expected = Task { reference_id: None, capacity_provider: None, ..expected };
    assert_eq!(Task::decode(&shorter).ok(), Some(expected));

    let reserved = Reservation { dynamic_tcp: 11, dynamic_udp: 1, ..task().reserved };
    frozen(include_str!("older_records/task.3.hex"), &Task { reserved, ..task() });

    let mut held = Task {
        holds: vec![Hold { stage: HeldStage::Deprovisioning, by: "network".to_owned() }].into(),
        attachments: vec![Attachment {
            id: AttachmentId::from_bytes([8; 16]),
            kind: "ElasticNetworkInterface".to_owned(),
            status: "ATTACHED".to_owned(),
            details: vec![("subnetId".to_owned(), "subnet-1".to_owned())],
        }]
        .into(),
        ..task()
    };
    held.containers[0].managed_agents = vec![ManagedAgent {
        name: "ExecuteCommandAgent".to_owned(),
        status: "STOPPED".to_owned(),
        reason: Some("it ended".to_owned()),
        last_started_at: Some(at(3)),
    }]
    .into();
    frozen(include_str!("older_records/task.4.hex"), &held);

    let of_service = Task {
        service: Some(ServiceId::from_bytes([9; 16])),
        deployment: Some(TaskSetId::from_number(1_234_567_890_123_456_789)),
        accounted: true,
        ..task()
    };
    frozen(include_str!("older_records/task.5.hex"), &of_service);

    let execution = Some(CredentialsId::from_bytes([7; 16]));
    let with_role = Task {
        credentials: Some(Box::new(CredentialsIds { task: None, execution })),
        ..of_service
    };
    let record = frozen(include_str!("older_records/task.6.hex"), &with_role);
    loads_with_unknown_fields(&record, &with_role);
}

#[test]
fn account_settings() {
    let (name, value) = ("taskLongArnFormat".to_owned(), "disabled".to_owned());
    let owner = SettingOwner::Principal("arn:aws:iam::123456789012:root".to_owned());
    let expected =
        AccountSetting { scope: scope(), owner, name: name.clone(), value: value.clone() };
    let record = frozen(include_str!("older_records/account_setting.1.hex"), &expected);
    loads_with_unknown_fields(&record, &expected);
    let expected = AccountSetting { scope: scope(), owner: SettingOwner::Default, name, value };
    frozen(include_str!("older_records/account_setting_default.1.hex"), &expected);
}

#[test]
fn capacity_providers() {
    let expected = CapacityProvider {
        scope: scope(),
        name: "blue".parse().expect("a name"),
        auto_scaling_group: Stored::new(api::AutoScalingGroupProvider {
            auto_scaling_group_arn: Some("arn".to_owned()),
            managed_draining: Some(api::ManagedDraining::Enabled),
            ..Default::default()
        }),
        tags: tags(),
        created_at: at(0),
        updated_at: Some(at(1)),
        deleted_at: Some(at(2)),
    };
    let record = frozen(include_str!("older_records/capacity_provider.1.hex"), &expected);
    loads_with_unknown_fields(&record, &expected);
}

#[test]
fn waiting_tasks() {
    let expected = WaitingTask {
        task: TaskId::from_bytes([5; 16]),
        cluster: ClusterId::from_bytes([1; 16]),
        since: at(3),
        constraints: vec![Stored::new(api::PlacementConstraint {
            r#type: Some(api::PlacementConstraintType::DistinctInstance),
            expression: None,
        })],
        strategies: vec![Stored::new(api::PlacementStrategy {
            r#type: Some(api::PlacementStrategyType::Binpack),
            field: Some("cpu".to_owned()),
        })],
    };
    let record = frozen(include_str!("older_records/waiting_task.1.hex"), &expected);
    loads_with_unknown_fields(&record, &expected);
}

#[test]
fn state_changes() {
    let cluster = ClusterId::from_bytes([1; 16]);
    let subject = Subject::Task(Frozen::new(&task()));
    let expected = StateChange { sequence: 70_000, at: at(1), cluster, subject };
    let record = frozen(include_str!("older_records/state_change.1.hex"), &expected);
    loads_with_unknown_fields(&record, &expected);

    let subject = Subject::ContainerInstance(InstanceState {
        id: ContainerInstanceId::from_bytes([4; 16]),
        version: 300,
        status: ContainerInstanceStatus::Draining,
        status_reason: Some("why".to_owned()),
        agent_connected: true,
        taken: task().reserved,
    });
    let expected = StateChange { sequence: 70_001, at: at(2), cluster, subject };
    frozen(include_str!("older_records/state_change.2.hex"), &expected);

    let begun = BegunDeployment {
        service: ServiceId::from_bytes([9; 16]),
        number: "ecs-svc/1234567890123456789".parse().expect("a number"),
    };
    let subject = Subject::DeploymentBegun(begun);
    let expected = StateChange { sequence: 70_002, at: at(3), cluster, subject };
    frozen(include_str!("older_records/state_change.3.hex"), &expected);

    let event = ServiceEvent {
        service: ServiceId::from_bytes([9; 16]),
        number: 7,
        id: [6; 16],
        created_at: at(4),
        message: "(service web) has reached a steady state.".to_owned(),
        name: "SERVICE_STEADY_STATE".to_owned(),
        kind: "INFO".to_owned(),
        deployment: None,
        of_deployment: None,
    };
    let subject = Subject::Service(Frozen::new(&event));
    let expected = StateChange { sequence: 70_003, at: at(4), cluster, subject };
    frozen(include_str!("older_records/state_change.4.hex"), &expected);
    let subject = Subject::Deployment(Frozen::new(&event));
    let expected = StateChange { sequence: 70_004, at: at(5), cluster, subject };
    frozen(include_str!("older_records/state_change.5.hex"), &expected);
}

#[test]
fn resource_changes() {
    let expected = ResourceChanges { instance: ContainerInstanceId::from_bytes([4; 16]), count: 9 };
    let record = frozen(include_str!("older_records/resource_changes.1.hex"), &expected);
    loads_with_unknown_fields(&record, &expected);
}

#[test]
fn bytes_that_are_no_record_are_refused() {
    let record = bytes(
        include_str!("older_records/task.1.hex").split_whitespace().collect::<String>().as_str(),
    );
    for length in 0..record.len() {
        assert!(Task::decode(&record[..length]).is_err(), "{length} bytes of a task are no task");
    }
    assert!(Task::decode(b"\x00").is_err());
}
