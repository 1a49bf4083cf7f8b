//! What `define` makes of whole definitions. Single rules are in the golden file of refusals.

mod strategy;

use berth_aws_api::ecs as api;
use berth_aws_protocol::stored;
use proptest::prelude::*;

use super::*;

type Change<T> = fn(&mut T);

fn container(name: &str) -> api::ContainerDefinition {
    api::ContainerDefinition {
        name: Some(name.to_owned()),
        image: Some("busybox".to_owned()),
        memory: Some(64),
        ..Default::default()
    }
}

fn request(containers: Vec<api::ContainerDefinition>) -> api::RegisterTaskDefinitionRequest {
    api::RegisterTaskDefinitionRequest {
        family: Some("web".to_owned()),
        container_definitions: Some(containers),
        ..Default::default()
    }
}

/// A task that fits everywhere that Managed Instances and Fargate have.
fn fargate(containers: Vec<api::ContainerDefinition>) -> api::RegisterTaskDefinitionRequest {
    api::RegisterTaskDefinitionRequest {
        network_mode: Some(api::NetworkMode::Awsvpc),
        cpu: Some("1024".to_owned()),
        memory: Some("2048".to_owned()),
        execution_role_arn: Some("arn:aws:iam::123456789012:role/execution".to_owned()),
        ..request(containers)
    }
}

fn defined(request: api::RegisterTaskDefinitionRequest) -> api::TaskDefinition {
    define(request, &Limits::default()).expect("a definition that keeps the rules").content
}

fn refused(request: api::RegisterTaskDefinitionRequest) -> String {
    let error = define(request, &Limits::default()).expect_err("a definition that breaks a rule");
    assert!(matches!(error, api::Error::ClientException(_)), "{error}");
    error.to_string()
}

/// As a client registers again what it was shown.
fn as_request(shown: api::TaskDefinition) -> api::RegisterTaskDefinitionRequest {
    api::RegisterTaskDefinitionRequest {
        family: Some("web".to_owned()),
        task_role_arn: shown.task_role_arn,
        execution_role_arn: shown.execution_role_arn,
        network_mode: shown.network_mode,
        container_definitions: shown.container_definitions,
        volumes: shown.volumes,
        placement_constraints: shown.placement_constraints,
        requires_compatibilities: shown.requires_compatibilities,
        cpu: shown.cpu,
        memory: shown.memory,
        pid_mode: shown.pid_mode,
        ipc_mode: shown.ipc_mode,
        proxy_configuration: shown.proxy_configuration,
        inference_accelerators: shown.inference_accelerators,
        ephemeral_storage: shown.ephemeral_storage,
        runtime_platform: shown.runtime_platform,
        enable_fault_injection: shown.enable_fault_injection,
        trusted_execution_configuration: shown.trusted_execution_configuration,
        ..Default::default()
    }
}

fn attributes(definition: &api::TaskDefinition) -> Vec<String> {
    definition
        .requires_attributes
        .iter()
        .flatten()
        .filter_map(|attribute| attribute.name.clone())
        .collect()
}

fn compatibilities(definition: &api::TaskDefinition) -> Vec<&str> {
    definition.compatibilities.iter().flatten().map(api::Compatibility::as_str).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_shown_can_be_stored_and_registered_again(request in strategy::request()) {
        let first = define(request, &Limits::default());
        prop_assert!(first.is_ok(), "{:?}", first);
        let shown = first.expect("just looked").content;
        let kept: api::TaskDefinition = stored::from_slice(&stored::to_vec(&shown)).expect("what was encoded");
        prop_assert_eq!(&kept, &shown);
        let again = define(as_request(shown.clone()), &Limits::default());
        prop_assert!(again.is_ok(), "{:?}", again);
        prop_assert_eq!(again.expect("just looked").content, shown);
    }

    #[test]
    fn no_text_and_no_number_panics(text in ".{0,40}", number: i32) {
        for broken in strategy::broken(&text, number) {
            drop(define(broken, &Limits::default()));
        }
    }

    #[test]
    fn ten_containers_are_the_most(count in 1_usize..14) {
        let containers = (0..count).map(|n| container(&format!("c{n}"))).collect();
        prop_assert_eq!(define(request(containers), &Limits::default()).is_ok(), count <= 10);
    }
}

#[test]
fn a_plain_container_needs_nothing_and_fits_hosts_of_ones_own() {
    let definition = defined(request(vec![container("c")]));
    assert_eq!(definition.requires_attributes, None);
    assert_eq!(definition.network_mode, None);
    assert_eq!(compatibilities(&definition), ["EXTERNAL", "EC2"]);
}

#[test]
fn where_a_definition_fits_follows_from_its_parts() {
    assert_eq!(
        compatibilities(&defined(fargate(vec![container("c")]))),
        ["EC2", "FARGATE", "MANAGED_INSTANCES"]
    );

    let mut host = fargate(vec![container("c")]);
    host.network_mode = Some(api::NetworkMode::Host);
    assert_eq!(compatibilities(&defined(host)), ["EXTERNAL", "EC2", "MANAGED_INSTANCES"]);

    let privileged = api::ContainerDefinition { privileged: Some(true), ..container("c") };
    assert_eq!(compatibilities(&defined(fargate(vec![privileged]))), ["EC2", "MANAGED_INSTANCES"]);

    let mut odd = fargate(vec![container("c")]);
    odd.memory = Some("9216".to_owned());
    assert_eq!(compatibilities(&defined(odd)), ["EC2", "MANAGED_INSTANCES"]);

    let mut sandboxed = fargate(vec![container("c")]);
    sandboxed.requires_compatibilities = Some(vec![api::Compatibility::ManagedInstances]);
    sandboxed.trusted_execution_configuration = Some(api::TrustedExecutionConfiguration {
        isolation_mode: Some(api::IsolationMode::IsolatedSandbox),
        ..Default::default()
    });
    assert_eq!(compatibilities(&defined(sandboxed)), ["MANAGED_INSTANCES"]);
}

#[test]
fn each_part_asks_for_its_capability() {
    let parts: [(&str, Change<api::ContainerDefinition>); 14] = [
        ("com.amazonaws.ecs.capability.privileged-container", |c| c.privileged = Some(true)),
        ("com.amazonaws.ecs.capability.docker-remote-api.1.21", |c| {
            c.memory_reservation = Some(32)
        }),
        ("com.amazonaws.ecs.capability.docker-remote-api.1.17", |c| {
            c.readonly_root_filesystem = Some(true)
        }),
        ("com.amazonaws.ecs.capability.selinux", |c| {
            c.docker_security_options = Some(vec!["label:type:a".into()])
        }),
        ("com.amazonaws.ecs.capability.apparmor", |c| {
            c.docker_security_options = Some(vec!["apparmor:a".into()])
        }),
        ("ecs.capability.container-ordering", |c| c.stop_timeout = Some(60)),
        ("com.amazonaws.ecs.capability.ecr-auth", |c| {
            c.image = Some("123456789012.dkr.ecr.us-east-1.amazonaws.com/web".into());
        }),
        ("ecs.capability.container-restart-policy", |c| {
            c.restart_policy =
                Some(api::ContainerRestartPolicy { enabled: Some(true), ..Default::default() });
        }),
        ("com.amazonaws.ecs.capability.docker-remote-api.1.25", |c| {
            let init_process_enabled = Some(true);
            c.linux_parameters =
                Some(api::LinuxParameters { init_process_enabled, ..Default::default() });
        }),
        ("com.amazonaws.ecs.capability.docker-remote-api.1.22", |c| {
            let shared_memory_size = Some(64);
            c.linux_parameters =
                Some(api::LinuxParameters { shared_memory_size, ..Default::default() });
        }),
        ("com.amazonaws.ecs.capability.docker-remote-api.1.29", |c| {
            let command = Some(vec!["CMD".into(), "true".into()]);
            c.health_check =
                Some(api::HealthCheck { command, start_period: Some(5), ..Default::default() });
        }),
        ("com.amazonaws.ecs.capability.logging-driver.journald", |c| {
            let log_driver = Some(api::LogDriver::Journald);
            c.log_configuration = Some(api::LogConfiguration { log_driver, ..Default::default() });
        }),
        ("ecs.capability.firelens.fluentbit", |c| {
            let r#type = Some(api::FirelensConfigurationType::Fluentbit);
            c.firelens_configuration =
                Some(api::FirelensConfiguration { r#type, ..Default::default() });
        }),
        ("ecs.capability.network.container-port-range", |c| {
            let container_port_range = Some("1000-2000".into());
            c.port_mappings =
                Some(vec![api::PortMapping { container_port_range, ..Default::default() }]);
        }),
    ];
    for (expected, change) in parts {
        let mut changed = container("c");
        change(&mut changed);
        let found = attributes(&defined(request(vec![changed])));
        assert!(found.iter().any(|name| name == expected), "{expected} not in {found:?}");
    }
}

#[test]
fn what_fargate_lacks_is_named() {
    let parts: [(&str, Change<api::RegisterTaskDefinitionRequest>); 6] = [
        ("pidMode host", |task| task.pid_mode = Some(api::PidMode::Host)),
        ("ipcMode", |task| task.ipc_mode = Some(api::IpcMode::Task)),
        ("placementConstraints", |task| {
            task.placement_constraints = Some(vec![api::TaskDefinitionPlacementConstraint {
                r#type: Some(api::TaskDefinitionPlacementConstraintType::MemberOf),
                expression: Some("attribute:stack exists".into()),
            }]);
        }),
        ("dockerVolumeConfiguration", |task| {
            let docker_volume_configuration = Some(api::DockerVolumeConfiguration::default());
            let name = Some("data".into());
            task.volumes =
                Some(vec![api::Volume { name, docker_volume_configuration, ..Default::default() }]);
        }),
        ("devices", |task| {
            let device = api::Device { host_path: Some("/dev/fuse".into()), ..Default::default() };
            let linux = api::LinuxParameters { devices: Some(vec![device]), ..Default::default() };
            let linux_parameters = Some(linux);
            task.container_definitions =
                Some(vec![api::ContainerDefinition { linux_parameters, ..container("c") }]);
        }),
        ("the log driver json-file", |task| {
            let log_driver = Some(api::LogDriver::JsonFile);
            let log_configuration =
                Some(api::LogConfiguration { log_driver, ..Default::default() });
            task.container_definitions =
                Some(vec![api::ContainerDefinition { log_configuration, ..container("c") }]);
        }),
    ];
    for (expected, change) in parts {
        let mut task = fargate(vec![container("c")]);
        task.requires_compatibilities = Some(vec![api::Compatibility::Fargate]);
        change(&mut task);
        let found = refused(task);
        assert!(
            found.contains(&format!(
                "Fargate compatible task definitions do not support {expected}"
            )),
            "{found}"
        );
    }
}

#[test]
fn the_whole_must_be_small_enough() {
    let limits = Limits { task_definition_bytes: 300, ..Limits::default() };
    let small = define(request(vec![container("c")]), &limits).expect("a small one");
    let length = stored::to_vec(&small.content).len();
    let exact = Limits { task_definition_bytes: length, ..Limits::default() };
    // What is derived does not count against the user.
    assert!(define(request(vec![container("c")]), &exact).is_ok());
    let tiny = Limits { task_definition_bytes: 100, ..Limits::default() };
    let error = define(request(vec![container("c")]), &tiny).expect_err("too large");
    assert!(error.to_string().contains("Max allowed length is '100' bytes."), "{error}");
}
