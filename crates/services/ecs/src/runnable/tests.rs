use super::*;

fn container(name: &str) -> api::ContainerDefinition {
    api::ContainerDefinition { name: Some(name.to_owned()), ..Default::default() }
}

fn definition(containers: Vec<api::ContainerDefinition>) -> api::TaskDefinition {
    api::TaskDefinition { container_definitions: Some(containers), ..Default::default() }
}

fn pair(name: &str, value: &str) -> api::KeyValuePair {
    api::KeyValuePair { name: Some(name.to_owned()), value: Some(value.to_owned()) }
}

fn file(name: &str) -> api::EnvironmentFile {
    api::EnvironmentFile {
        value: Some(format!("arn:aws:s3:::settings/{name}")),
        r#type: Some(api::EnvironmentFileType::S3),
    }
}

fn port(
    host: Option<i32>,
    container: i32,
    protocol: Option<api::TransportProtocol>,
) -> api::PortMapping {
    api::PortMapping {
        host_port: host,
        container_port: Some(container),
        protocol,
        ..Default::default()
    }
}

#[test]
fn an_override_replaces_what_it_names_and_nothing_else() {
    let defined = api::ContainerDefinition {
        image: Some("i".to_owned()),
        command: Some(vec!["a".to_owned()]),
        cpu: Some(1),
        memory: Some(10),
        memory_reservation: Some(5),
        environment: Some(vec![pair("A", "1"), pair("B", "2")]),
        environment_files: Some(vec![file("defined.env")]),
        ..container("main")
    };
    let definition = definition(vec![defined.clone(), container("other")]);
    assert_eq!(Runnable::new(&definition, None).containers[0], defined);

    let overrides = api::ContainerOverride {
        name: Some("main".to_owned()),
        command: Some(vec!["b".to_owned()]),
        memory: Some(20),
        environment: Some(vec![pair("B", "3"), pair("C", "4")]),
        environment_files: Some(vec![file("of-the-run.env")]),
        ..Default::default()
    };
    let overrides =
        api::TaskOverride { container_overrides: Some(vec![overrides]), ..Default::default() };
    let runnable = Runnable::new(&definition, Some(&overrides));
    let expected = api::ContainerDefinition {
        command: Some(vec!["b".to_owned()]),
        memory: Some(20),
        environment: Some(vec![pair("A", "1"), pair("B", "3"), pair("C", "4")]),
        environment_files: Some(vec![file("of-the-run.env")]),
        ..defined
    };
    assert_eq!(runnable.containers, [expected, container("other")]);
}

#[test]
fn a_task_takes_its_own_limits_or_the_sum_of_its_containers() {
    let sized = |cpu, memory, reservation| api::ContainerDefinition {
        cpu,
        memory,
        memory_reservation: reservation,
        ..container("c")
    };
    let mut definition = definition(vec![
        sized(Some(256), Some(128), None),
        sized(None, Some(512), Some(64)),
        sized(Some(-1), None, Some(32)),
    ]);
    let runnable = Runnable::new(&definition, None);
    assert_eq!(
        (runnable.cpu_units(), runnable.memory_mib()),
        (CpuUnits(256), MemoryMib(128 + 64 + 32))
    );

    definition.cpu = Some("1 vCPU".to_owned());
    definition.memory = Some("2048".to_owned());
    let runnable = Runnable::new(&definition, None);
    assert_eq!((runnable.cpu_units(), runnable.memory_mib()), (CpuUnits(1024), MemoryMib(2048)));

    let overrides = api::TaskOverride { cpu: Some("512".to_owned()), ..Default::default() };
    let runnable = Runnable::new(&definition, Some(&overrides));
    assert_eq!((runnable.cpu_units(), runnable.memory_mib()), (CpuUnits(512), MemoryMib(2048)));
}

#[test]
fn ports_are_static_dynamic_or_the_host_s() {
    use api::TransportProtocol::{Tcp, Udp};
    let mappings = vec![
        port(Some(8080), 80, None),
        port(None, 443, Some(Tcp)),
        port(Some(0), 53, Some(Udp)),
        port(Some(53), 53, Some(Udp)),
    ];
    let range = api::PortMapping {
        container_port_range: Some("8000-8009".to_owned()),
        ..Default::default()
    };
    let mappings = mappings.into_iter().chain([range]).collect();
    let mut definition = definition(vec![api::ContainerDefinition {
        port_mappings: Some(mappings),
        ..container("c")
    }]);
    let ports = |definition: &api::TaskDefinition| {
        let runnable = Runnable::new(definition, None);
        (runnable.static_ports().collect::<Vec<_>>(), runnable.dynamic_ports())
    };
    assert_eq!(
        ports(&definition),
        (vec![(8080, Tcp), (53, Udp)], (11, 1)),
        "bridge is the default"
    );
    definition.network_mode = Some(api::NetworkMode::Host);
    let (fixed, dynamic) = ports(&definition);
    assert_eq!((fixed, dynamic), (vec![(8080, Tcp), (443, Tcp), (53, Udp), (53, Udp)], (0, 0)));
}
