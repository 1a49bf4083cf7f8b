use berth_lifecycle::Condition;
use berth_model::CpuUnits;
use berth_runtime::{GroupSpec, MemoryBytes, Network, Transport};
use serde_json::json;

use super::*;
use crate::testing::{container, task};

fn compile(task: &acs::Task) -> Result<Definition, Refusal> {
    Definition::compile(task, &Options::new("c"), Limits::OfTask)
}

fn compile_one(container: acs::Container) -> ContainerDefinition {
    compile(&task("t", vec![container])).unwrap().containers.remove(0)
}

fn refusal(change: impl FnOnce(&mut acs::Task)) -> String {
    let mut task = task("t", vec![container("web", &[])]);
    assert!(compile(&task).is_ok());
    change(&mut task);
    compile(&task).unwrap_err().reason().to_owned()
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    type Change = fn(&mut acs::Task);
    let cases: &[(Change, &str)] = &[
        (|task| task.network_mode = Some("awsvpc".into()), "networkMode `awsvpc`"),
        (|task| task.proxy_configuration = Some(Default::default()), "proxyConfiguration"),
        (
            |task| task.containers[0].secrets.push(Default::default()),
            "the secrets provider `` (container `web`",
        ),
        (|task| task.containers[0].credential_specs.push("x".into()), "credentialSpecs"),
        (
            |task| {
                let ecr =
                    acs::RegistryAuthentication { kind: "ecr".to_owned(), ..Default::default() };
                task.containers[0].registry_authentication = Some(ecr);
            },
            "registryAuthentication `ecr`",
        ),
        (
            |task| {
                task.volumes.push(acs::Volume {
                    name: "v".into(),
                    kind: Some(acs::VolumeType::Efs),
                    ..Default::default()
                });
            },
            "volumes of type `efs` (volume `v`)",
        ),
    ];
    for (change, name) in cases {
        let reason = refusal(*change);
        let expected = format!("ResourceInitializationError: this agent does not support {name}");
        assert!(reason.starts_with(&expected), "{reason}");
    }
}

#[test]
fn what_makes_no_sense_is_told_in_ecs_words() {
    type Change = fn(&mut acs::Task);
    let cases: [(Change, &str); 9] = [
        (|task| task.containers.clear(), "no containers"),
        (|task| task.containers[0].image.clear(), "container `web` has no image"),
        (
            |task| {
                task.containers[0].depends_on.push(acs::ContainerDependency {
                    container_name: "ghost".into(),
                    condition: acs::ContainerCondition::Start,
                });
            },
            "`ghost`",
        ),
        (
            |task| {
                task.containers[0]
                    .mount_points
                    .push(acs::MountPoint { source_volume: "ghost".into(), ..Default::default() });
            },
            "the volume `ghost`",
        ),
        (
            |task| task.containers[0].health_check_type = Some(acs::HealthCheckType::Docker),
            "no Healthcheck in its dockerConfig",
        ),
        (
            |task| {
                task.containers[0].docker_config =
                    Some(acs::DockerConfig { config: Some("[]".into()), ..Default::default() });
            },
            "dockerConfig.config of container `web`",
        ),
        (
            |task| {
                task.containers[0]
                    .port_mappings
                    .push(acs::PortMapping { container_port: Some(70_000), ..Default::default() });
            },
            "70000",
        ),
        (
            |task| {
                task.containers[0].port_mappings.push(acs::PortMapping {
                    container_port_range: Some("90-80".into()),
                    ..Default::default()
                });
            },
            "`90-80`, which is none",
        ),
        (
            |task| {
                task.network_mode = Some("host".into());
                task.containers[0].port_mappings.push(acs::PortMapping {
                    container_port_range: Some("80-90".into()),
                    ..Default::default()
                });
            },
            "only the network mode bridge can",
        ),
    ];
    for (change, fault) in cases {
        let reason = refusal(change);
        assert!(reason.starts_with("UnrecognizedTaskError: Error loading task - "), "{reason}");
        assert!(reason.contains(fault), "{reason}");
    }
}

#[test]
fn limits_follow_ecs() {
    let plain = compile_one(acs::Container { memory: None, ..container("web", &[]) });
    assert_eq!((plain.spec.cpu_shares, plain.spec.memory_limit), (Some(2), None));
    let sized =
        compile_one(acs::Container { cpu: Some(512), memory: Some(128), ..container("web", &[]) });
    assert_eq!(sized.spec.cpu_shares, Some(512));
    assert_eq!(sized.spec.memory_limit, Some(MemoryBytes::from_mib(128)));
    assert_eq!(sized.spec.command, None, "no command keeps the image's");
}

#[test]
fn a_tasks_own_limits_bind_its_containers() {
    let unlimited = acs::Container { memory: None, ..container("web", &[]) };
    let task = acs::Task { cpu: Some(0.5), memory: Some(256), ..task("t", vec![unlimited]) };
    let definition = compile(&task).unwrap();
    let expected = GroupSpec {
        cpu_shares: Some(512),
        cpu_limit: Some(CpuUnits(512)),
        memory_limit: Some(MemoryBytes::from_mib(256)),
        ..GroupSpec::new("t")
    };
    assert_eq!(definition.group, Some(expected));
    let spec = &definition.containers[0].spec;
    assert_eq!(spec.memory_limit, None, "the group binds it");
    assert!(!spec.engine.host_config.contains_key("NanoCpus"));
    assert_eq!((definition.share.cpu_units, definition.share.memory_mib), (512, 256));

    let alone = Definition::compile(&task, &Options::new("c"), Limits::OfContainers).unwrap();
    assert_eq!(alone.group, None);
    let spec = &alone.containers[0].spec;
    assert_eq!(spec.memory_limit, Some(MemoryBytes::from_mib(256)));
    assert_eq!(spec.engine.host_config["NanoCpus"], json!(500_000_000_u64));
}

#[test]
fn a_group_without_cpu_of_its_own_weighs_what_its_containers_do() {
    let sized = acs::Container { cpu: Some(300), ..container("sized", &[]) };
    let task = acs::Task { memory: Some(256), ..task("t", vec![sized, container("web", &[])]) };
    let group = compile(&task).unwrap().group.unwrap();
    assert_eq!((group.cpu_shares, group.cpu_limit), (Some(302), None));
}

#[test]
fn a_container_cannot_have_more_memory_than_its_task() {
    let reason = refusal(|task| {
        task.memory = Some(64);
        task.containers[0].memory = Some(65);
    });
    assert!(reason.contains("container `web` has a memory limit of 65 MiB"), "{reason}");
}

#[test]
fn a_task_takes_the_sum_of_its_containers_and_the_soft_limit_first() {
    let soft = acs::Container {
        cpu: Some(256),
        memory: Some(512),
        docker_config: Some(acs::DockerConfig {
            host_config: Some(r#"{"MemoryReservation":104857600}"#.into()),
            ..Default::default()
        }),
        port_mappings: vec![
            acs::PortMapping {
                container_port: Some(80),
                host_port: Some(8080),
                ..Default::default()
            },
            acs::PortMapping { container_port: Some(81), host_port: Some(0), ..Default::default() },
        ],
        ..container("soft", &[])
    };
    let definition = compile(&task("t", vec![soft, container("hard", &[])])).unwrap();
    assert_eq!((definition.share.cpu_units, definition.share.memory_mib), (256, 164));
    assert_eq!(definition.share.ports, [(8080, Transport::Tcp)].into());
}

#[test]
fn docker_config_and_overrides_are_taken_over() {
    let definition = compile_one(acs::Container {
        docker_config: Some(acs::DockerConfig {
            config: Some(r#"{"User":"nobody"}"#.into()),
            host_config: Some(r#"{"CapAdd":["SYS_PTRACE"]}"#.into()),
            version: None,
        }),
        overrides: Some(r#"{"command":["other"]}"#.into()),
        ..container("web", &["usual"])
    });
    assert_eq!(definition.spec.engine.config["User"], "nobody");
    assert_eq!(definition.spec.engine.host_config["CapAdd"], json!(["SYS_PTRACE"]));
    assert_eq!(definition.spec.command, Some(vec!["other".to_owned()]));
}

#[test]
fn links_and_shared_volumes_are_needs_under_the_names_on_the_engine() {
    let web = acs::Container {
        links: vec!["db:database".into()],
        volumes_from: vec![acs::VolumeFrom {
            source_container: "data".into(),
            read_only: Some(true),
        }],
        ..container("web", &[])
    };
    let task = task("t", vec![web, container("db", &[]), container("data", &[])]);
    let definition = compile(&task).unwrap();
    let web = &definition.containers[0];
    let needs: Vec<_> =
        web.needs.iter().map(|need| (need.container.as_str(), need.condition)).collect();
    assert_eq!(needs, [("db", Condition::Start), ("data", Condition::Create)]);
    assert_eq!(web.spec.links[0].container, "ecs-family-1-db-t");
    assert_eq!(web.spec.links[0].alias, "database");
    assert_eq!(web.spec.volumes_from[0].container, "ecs-family-1-data-t");
    assert!(!web.is_anchor && definition.containers[1].is_anchor);
}

#[test]
fn network_modes() {
    let with = |mode: Option<&str>| {
        let web = acs::Container {
            port_mappings: vec![acs::PortMapping {
                container_port: Some(80),
                ..Default::default()
            }],
            ..container("web", &[])
        };
        let task = acs::Task { network_mode: mode.map(str::to_owned), ..task("t", vec![web]) };
        compile(&task).unwrap().containers.remove(0)
    };
    let bridge = with(None);
    assert_eq!((bridge.spec.network, bridge.spec.ports.len()), (Network::Bridge, 1));
    let host = with(Some("host"));
    assert_eq!((host.spec.network, host.spec.ports.len()), (Network::Host, 0));
    assert_eq!(host.host_ports, [(80, Transport::Tcp)]);
    let none = with(Some("none"));
    assert_eq!((none.spec.network, none.spec.ports.len()), (Network::None, 0));
    assert!(none.host_ports.is_empty());
}
