//! Task definitions at random: sound ones, and ones with a random text or number in them.

use std::collections::BTreeMap;

use berth_aws_api::ecs as api;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

const VOLUMES: [&str; 3] = ["data", "shared", "srv"];

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 =/.:-]{0,12}"
}

fn pairs() -> impl Strategy<Value = Vec<api::KeyValuePair>> {
    let pair = ("[A-Z_]{1,8}", text());
    vec(pair, 0..4).prop_map(|pairs| {
        let pair = |(name, value)| api::KeyValuePair { name: Some(name), value: Some(value) };
        pairs.into_iter().map(pair).collect()
    })
}

fn mode() -> impl Strategy<Value = Option<api::NetworkMode>> {
    option::of(prop_oneof![
        Just(api::NetworkMode::Bridge),
        Just(api::NetworkMode::Host),
        Just(api::NetworkMode::Awsvpc),
        Just(api::NetworkMode::None),
    ])
}

/// Ports of one container; their numbers say whose they are, so that no two containers collide.
fn ports(container: usize, mode: Option<api::NetworkMode>) -> BoxedStrategy<Vec<api::PortMapping>> {
    if mode == Some(api::NetworkMode::None) {
        return Just(Vec::new()).boxed();
    }
    let fixed = matches!(mode, Some(api::NetworkMode::Host | api::NetworkMode::Awsvpc));
    let mapping = (0..100_i32, option::of(Just(())), option::of(Just(api::TransportProtocol::Udp)));
    btree_map(0..100_i32, mapping, 0..4)
        .prop_map(move |ports| {
            let of = |(offset, (host, with_host, protocol)): (i32, (i32, Option<()>, _))| {
                let port = 1000 + 100 * container as i32 + offset;
                let host_port = if fixed {
                    port
                } else {
                    20_000 + 1000 * container as i32 + 10 * offset + host % 10
                };
                api::PortMapping {
                    container_port: Some(port),
                    host_port: with_host.map(|()| host_port),
                    protocol,
                    ..Default::default()
                }
            };
            ports.into_iter().map(of).collect()
        })
        .boxed()
}

fn mounts() -> impl Strategy<Value = Vec<api::MountPoint>> {
    btree_set(0..VOLUMES.len(), 0..3).prop_map(|volumes| {
        let mount = |index: usize| api::MountPoint {
            source_volume: Some(VOLUMES[index].to_owned()),
            container_path: Some(format!("/mnt/{index}")),
            read_only: (index == 1).then_some(true),
        };
        volumes.into_iter().map(mount).collect()
    })
}

fn health_check() -> impl Strategy<Value = api::HealthCheck> {
    (text(), option::of(5..=300), option::of(2..=60), option::of(1..=10), option::of(0..=300))
        .prop_map(|(command, interval, timeout, retries, start_period)| api::HealthCheck {
            command: Some(vec!["CMD-SHELL".to_owned(), command]),
            interval,
            timeout,
            retries,
            start_period,
        })
}

fn container(
    index: usize,
    mode: Option<api::NetworkMode>,
) -> impl Strategy<Value = api::ContainerDefinition> {
    let numbers =
        (option::of(0..64), 64..512, option::of(6..=64), option::of(2..120), option::of(0..120));
    let texts = (option::of(vec(text(), 0..3)), option::of(vec(text(), 0..3)), option::of(pairs()));
    let labels = option::of(btree_map("[a-z]{1,6}", text(), 0..3));
    let parts =
        (option::of(ports(index, mode)), option::of(mounts()), option::of(health_check()), labels);
    let needs: Vec<usize> = (0..index).collect();
    let depends = proptest::sample::subsequence(needs, 0..=index.min(2));
    (numbers, texts, parts, depends, option::of(any::<bool>())).prop_map(
        move |(
            numbers,
            (command, entry_point, environment),
            (ports, mounts, health_check, labels),
            needs,
            essential,
        )| {
            let (cpu, memory, memory_reservation, start_timeout, stop_timeout) = numbers;
            let need = |other: &usize| api::ContainerDependency {
                container_name: Some(format!("c{other}")),
                condition: Some(api::ContainerCondition::Start),
            };
            api::ContainerDefinition {
                name: Some(format!("c{index}")),
                image: Some("registry.example:5000/team/app:1.2".to_owned()),
                cpu,
                memory: Some(memory),
                memory_reservation,
                start_timeout,
                stop_timeout,
                command,
                entry_point,
                environment,
                port_mappings: ports,
                mount_points: mounts,
                health_check,
                docker_labels: labels,
                depends_on: (!needs.is_empty()).then(|| needs.iter().map(need).collect()),
                // The first one keeps the task alive.
                essential: if index == 0 { Some(true) } else { essential },
                ..Default::default()
            }
        },
    )
}

fn volumes() -> Vec<api::Volume> {
    let docker = api::DockerVolumeConfiguration {
        scope: Some(api::Scope::Shared),
        autoprovision: Some(true),
        labels: Some(BTreeMap::from([("a".to_owned(), "b".to_owned())])),
        ..Default::default()
    };
    let host = api::HostVolumeProperties { source_path: Some("/srv".to_owned()) };
    let named = |name: &str| api::Volume { name: Some(name.to_owned()), ..Default::default() };
    vec![
        named(VOLUMES[0]),
        api::Volume { docker_volume_configuration: Some(docker), ..named(VOLUMES[1]) },
        api::Volume { host: Some(host), ..named(VOLUMES[2]) },
    ]
}

pub fn request() -> impl Strategy<Value = api::RegisterTaskDefinitionRequest> {
    let size = option::of(prop_oneof![
        Just(("1 vCPU".to_owned(), "30 GB".to_owned())),
        Just(("4096".to_owned(), "8192".to_owned())),
    ]);
    let namespaces = (option::of(Just(api::PidMode::Task)), option::of(Just(api::IpcMode::Task)));
    let constrained = any::<bool>();
    (mode(), 1..=10_usize, size, namespaces, constrained)
        .prop_flat_map(|(mode, count, size, namespaces, constrained)| {
            let containers: Vec<_> =
                (0..count).map(|index| container(index, mode.clone())).collect();
            (Just(mode), containers, Just(size), Just(namespaces), Just(constrained))
        })
        .prop_map(|(network_mode, containers, size, (pid_mode, ipc_mode), constrained)| {
            let (cpu, memory) = size.unzip();
            let constraint = api::TaskDefinitionPlacementConstraint {
                r#type: Some(api::TaskDefinitionPlacementConstraintType::MemberOf),
                expression: Some("attribute:ecs.os-type == linux".to_owned()),
            };
            api::RegisterTaskDefinitionRequest {
                family: Some("web".to_owned()),
                container_definitions: Some(containers),
                volumes: Some(volumes()),
                network_mode,
                cpu,
                memory,
                pid_mode,
                ipc_mode,
                placement_constraints: constrained.then(|| vec![constraint]),
                ..Default::default()
            }
        })
}

/// Definitions with the text, or the number, in one place each.
pub fn broken(text: &str, number: i32) -> Vec<api::RegisterTaskDefinitionRequest> {
    let with_text: [fn(&mut api::RegisterTaskDefinitionRequest, String); 8] = [
        |task, text| task.family = Some(text),
        |task, text| task.cpu = Some(text),
        |task, text| task.memory = Some(text),
        |task, text| task.task_role_arn = Some(text),
        |task, text| of_container(task, |container| container.name = Some(text)),
        |task, text| of_container(task, |container| container.image = Some(text)),
        |task, text| of_container(task, |container| container.links = Some(vec![text])),
        |task, text| {
            let container_port_range = Some(text);
            let mapping = api::PortMapping { container_port_range, ..Default::default() };
            of_container(task, |container| container.port_mappings = Some(vec![mapping]));
        },
    ];
    let with_number: [fn(&mut api::RegisterTaskDefinitionRequest, i32); 4] = [
        |task, number| of_container(task, |container| container.cpu = Some(number)),
        |task, number| of_container(task, |container| container.memory_reservation = Some(number)),
        |task, number| of_container(task, |container| container.start_timeout = Some(number)),
        |task, number| {
            let (container_port, host_port) = (Some(number), Some(number));
            let mapping = api::PortMapping { container_port, host_port, ..Default::default() };
            of_container(task, |container| container.port_mappings = Some(vec![mapping]));
        },
    ];
    let plain = || super::request(vec![super::container("c")]);
    let texts = with_text.iter().map(|change| {
        let mut task = plain();
        change(&mut task, text.to_owned());
        task
    });
    let numbers = with_number.iter().map(|change| {
        let mut task = plain();
        change(&mut task, number);
        task
    });
    texts.chain(numbers).collect()
}

fn of_container(
    task: &mut api::RegisterTaskDefinitionRequest,
    change: impl FnOnce(&mut api::ContainerDefinition),
) {
    if let Some(container) = task.container_definitions.iter_mut().flatten().next() {
        change(container);
    }
}
