use serde_json::{Value, json};

use super::*;
use crate::{HealthTest, Link, LogSpec, MemoryBytes, Transport, VolumesFrom};

fn rendered(spec: &ContainerSpec) -> Value {
    serde_json::to_value(create_body(spec, "me").unwrap()).unwrap()
}

fn mount(source: MountSource, target: &str, read_only: bool) -> Mount {
    Mount { source, target: target.to_owned(), read_only }
}

#[test]
fn a_bare_spec_says_nothing_it_need_not() {
    assert_eq!(
        rendered(&ContainerSpec::new("container", "web")),
        json!({
            "Image": "web",
            "Labels": { "berth.owner": "me" },
            "HostConfig": { "NetworkMode": "bridge" },
        })
    );
}

#[test]
fn gpus_come_by_nvidias_runtime_or_by_request() {
    let given = |gpus: &[&str], runtimes: &[&str]| {
        let words =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let mut body = create_body(&ContainerSpec::new("container", "web"), "me").unwrap();
        give_gpus(&mut body, &words(gpus), &words(runtimes));
        serde_json::to_value(body).unwrap()["HostConfig"].take()
    };
    assert_eq!(
        given(&["GPU-a"], &["nvidia", "runc"]),
        json!({ "NetworkMode": "bridge", "Runtime": "nvidia" })
    );
    let request = json!({ "DeviceIDs": ["GPU-a"], "Capabilities": [["gpu"]] });
    assert_eq!(given(&["GPU-a"], &["runc"])["DeviceRequests"], json!([request]));
    let request = json!({ "Count": -1, "Capabilities": [["gpu"]] });
    assert_eq!(given(&["all"], &["runc"])["DeviceRequests"], json!([request]));
}

#[test]
fn every_modelled_field_arrives() {
    let spec = ContainerSpec {
        entry_point: Some(vec!["/bin/run".to_owned()]),
        command: Some(Vec::new()),
        environment: BTreeMap::from([("A".to_owned(), "1=2".to_owned())]),
        labels: BTreeMap::from([("l".to_owned(), "v".to_owned())]),
        cpu_shares: Some(256),
        memory_limit: Some(MemoryBytes::from_mib(64)),
        memory_reservation: Some(MemoryBytes::from_mib(32)),
        ports: vec![
            PortSpec {
                container_port: 80,
                host_port: Some(8080),
                transport: Transport::Tcp,
                host_ip: None,
            },
            PortSpec {
                container_port: 53,
                host_port: None,
                transport: Transport::Udp,
                host_ip: Some([127, 0, 0, 1].into()),
            },
        ],
        mounts: vec![
            mount(MountSource::Host("/srv".to_owned()), "/a", true),
            mount(MountSource::Volume("data".to_owned()), "/b", false),
            mount(MountSource::Anonymous, "/c", false),
            mount(
                MountSource::Tmpfs {
                    size: MemoryBytes::from_mib(1),
                    options: vec!["noexec".to_owned()],
                },
                "/d",
                false,
            ),
        ],
        volumes_from: vec![VolumesFrom { container: "other".to_owned(), read_only: true }],
        links: vec![Link { container: "db-1".to_owned(), alias: "db".to_owned() }],
        health_check: Some(HealthCheck {
            test: HealthTest::Shell("true".to_owned()),
            interval: Duration::from_secs(5),
            timeout: Duration::from_secs(2),
            retries: 3,
            start_period: Duration::from_secs(1),
        }),
        stop_signal: Some("SIGUSR1".to_owned()),
        cgroup_parent: Some("/berth/t".to_owned()),
        log: Some(LogSpec {
            driver: "json-file".to_owned(),
            options: BTreeMap::from([("max-size".to_owned(), "1m".to_owned())]),
        }),
        ..ContainerSpec::new("container", "web")
    };
    assert_eq!(
        rendered(&spec),
        json!({
            "Image": "web",
            "Entrypoint": ["/bin/run"],
            "Cmd": [],
            "Env": ["A=1=2"],
            "Labels": { "l": "v", "berth.owner": "me" },
            "ExposedPorts": { "80/tcp": {}, "53/udp": {} },
            "Volumes": { "/c": {} },
            "StopSignal": "SIGUSR1",
            "Healthcheck": {
                "Test": ["CMD-SHELL", "true"],
                "Interval": 5_000_000_000_u64,
                "Timeout": 2_000_000_000_u64,
                "Retries": 3,
                "StartPeriod": 1_000_000_000_u64,
            },
            "HostConfig": {
                "NetworkMode": "bridge",
                "CpuShares": 256,
                "Memory": 67_108_864,
                "MemoryReservation": 33_554_432,
                "CgroupParent": "/berth/t",
                "PortBindings": {
                    "80/tcp": [{ "HostPort": "8080" }],
                    "53/udp": [{ "HostIp": "127.0.0.1", "HostPort": "" }],
                },
                "Binds": ["/srv:/a:ro", "data:/b"],
                "Tmpfs": { "/d": "size=1048576,noexec" },
                "VolumesFrom": ["other:ro"],
                "Links": ["db-1:db"],
                "LogConfig": { "Type": "json-file", "Config": { "max-size": "1m" } },
            },
        })
    );
}

#[test]
fn engine_parameters_pass_and_modelled_fields_win() {
    let mut spec = ContainerSpec {
        environment: BTreeMap::from([("A".to_owned(), "ours".to_owned())]),
        memory_limit: Some(MemoryBytes::from_mib(1)),
        mounts: vec![mount(MountSource::Host("/b".to_owned()), "/b", false)],
        ..ContainerSpec::new("container", "web")
    };
    let map = |value: Value| value.as_object().unwrap().clone();
    spec.engine.config = map(json!({
        "User": "1000", "Env": ["A=theirs", "B=2"], "Labels": { "x": "y", "berth.owner": "thief" }, "WorkingDir": "/w",
    }));
    spec.engine.host_config = map(json!({
        "Memory": 5, "CapAdd": ["NET_ADMIN"], "Ulimits": [{ "Name": "nofile", "Soft": 10, "Hard": 20 }],
        "Binds": ["/a:/a"], "NetworkMode": "host", "Privileged": false, "Isolation": "",
    }));
    let body = rendered(&spec);
    assert_eq!(body["User"], "1000");
    assert_eq!(body["WorkingDir"], "/w");
    assert_eq!(body["Env"], json!(["B=2", "A=ours"]));
    assert_eq!(body["Labels"], json!({ "x": "y", "berth.owner": "me" }));
    let host = &body["HostConfig"];
    assert_eq!(host["Memory"], 1_048_576);
    assert_eq!(host["CapAdd"], json!(["NET_ADMIN"]));
    assert_eq!(host["Ulimits"][0]["Hard"], 20);
    assert_eq!(host["Binds"], json!(["/a:/a", "/b:/b"]));
    assert_eq!(host["NetworkMode"], "bridge");
}

#[test]
fn the_other_networks_have_their_names() {
    let mode = |network| {
        rendered(&ContainerSpec { network, ..ContainerSpec::new("container", "web") })["HostConfig"]
            ["NetworkMode"]
            .clone()
    };
    assert_eq!(mode(Network::Host), "host");
    assert_eq!(mode(Network::None), "none");
    assert_eq!(mode(Network::Container(crate::RuntimeId::new("abc"))), "container:abc");
}
