//! Golden configurations, and what both sides of a router are told.

use super::super::{Definition, Limits};
use super::*;

/// `options` of the router; `logs` of the containers beside it.
fn task(kind: &str, options: &[(&str, &str)], logs: &[(&str, Value)]) -> acs::Task {
    let router = acs::Container {
        name: "router".into(),
        image: "fluent".into(),
        essential: true,
        firelens_configuration: Some(acs::FirelensConfiguration {
            kind: kind.into(),
            options: options
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
        }),
        ..acs::Container::default()
    };
    let routed = logs.iter().map(|(name, options)| acs::Container {
        name: (*name).into(),
        image: "app".into(),
        docker_config: Some(acs::DockerConfig {
            host_config: Some(
                json!({ "LogConfig": { "Type": "awsfirelens", "Config": options } }).to_string(),
            ),
            ..acs::DockerConfig::default()
        }),
        ..acs::Container::default()
    });
    acs::Task {
        arn: "arn:aws:ecs:eu-west-1:000000000000:task/fleet/0123".into(),
        task_cluster_arn: Some("arn:aws:ecs:eu-west-1:000000000000:cluster/fleet".into()),
        family: "web".into(),
        version: "3".into(),
        containers: std::iter::once(router).chain(routed).collect(),
        ..acs::Task::default()
    }
}

fn compile(task: &acs::Task) -> Result<Vec<ContainerDefinition>, String> {
    let compiled = Definition::compile(task, &Options::new("c"), Limits::OfTask);
    compiled.map(|definition| definition.containers).map_err(|error| error.reason().to_owned())
}

fn router(task: &acs::Task) -> Router {
    compile(task).unwrap()[0].router.clone().unwrap()
}

#[test]
fn fluentd_is_configured_in_its_own_form() {
    let app = json!({
        "@type": "s3", "s3_bucket": "logs", "s3_region": "eu-west-1", "include-pattern": "/^GET/",
        "log-driver-buffer-limit": "1024",
    });
    let other = json!({ "@type": "stdout", "exclude-pattern": "/health/" });
    let options =
        [("config-file-type", "s3"), ("config-file-value", "arn:aws:s3:::b/d/extra.conf")];
    let task = task("fluentd", &options, &[("app", app), ("other", other)]);
    let made = router(&task);
    assert_eq!(made.config, include_str!("golden/fluentd.conf"));
    assert_eq!(made.external.unwrap().to_string(), "b/d/extra.conf");
    let spec = &compile(&task).unwrap()[0].spec;
    assert_eq!(spec.environment["FLUENT_UID"], "0");
    let mounts: Vec<_> = spec.mounts.iter().map(|mount| mount.target.as_str()).collect();
    assert_eq!(mounts, ["/fluentd/etc/fluent.conf", "/var/run/", "/fluentd/etc/external.conf"]);
}

#[test]
fn fluent_bit_is_configured_in_its_own_form() {
    let app = json!({
        "Name": "cloudwatch", "log_group_name": "web", "region": "eu-west-1",
        "include-pattern": "^GET", "exclude-pattern": "health",
    });
    let options = [("config-file-type", "file"), ("config-file-value", "/own.conf")];
    let mut task = task("fluentbit", &options, &[("app", app)]);
    task.containers[0].memory = Some(100);
    let made = router(&task);
    assert_eq!(made.config, include_str!("golden/fluent-bit.conf"));
    assert_eq!(made.external, None, "the router has the file itself");
}

#[test]
fn without_a_network_of_its_own_the_socket_is_all() {
    let options = [("enable-ecs-log-metadata", "false")];
    let mut task = task("fluentbit", &options, &[("app", json!({ "Name": "stdout" }))]);
    task.network_mode = Some("host".into());
    assert_eq!(router(&task).config, include_str!("golden/host-network.conf"));
    assert!(!compile(&task).unwrap()[1].routed.as_ref().unwrap().is_in_bridge);
}

#[test]
fn whoever_logs_through_the_router_uses_its_socket_and_waits_for_it() {
    let logs = [("app", json!({ "Name": "stdout", "log-driver-buffer-limit": "1024" }))];
    let containers = compile(&task("fluentbit", &[], &logs)).unwrap();
    let app = &containers[1];
    assert_eq!(
        app.spec.engine.host_config["LogConfig"],
        json!({ "Type": "fluentd", "Config": {
            "tag": "app-firelens-0123",
            "fluentd-address": "unix:///firelens/0123/socket/fluent.sock",
            "fluentd-sub-second-precision": "true",
            "fluentd-buffer-limit": "1024",
        } })
    );
    let need = Need { container: "router".into(), condition: Condition::Start };
    assert_eq!(app.needs, [need]);
    assert_eq!(app.routed.as_ref().unwrap().router, "router");
}

#[test]
fn a_router_that_waits_for_others_is_waited_for_by_nobody() {
    let logs = [("app", json!({ "Name": "stdout" }))];
    let mut task = task("fluentbit", &[], &logs);
    task.containers[0].depends_on = vec![acs::ContainerDependency {
        container_name: "app".into(),
        condition: acs::ContainerCondition::Start,
    }];
    assert_eq!(compile(&task).unwrap()[1].needs, []);
}

#[test]
fn a_routers_user_is_known_by_number() {
    let user = |user: &str| {
        let mut task = task("fluentbit", &[], &[]);
        task.containers[0].docker_config = Some(acs::DockerConfig {
            config: Some(json!({ "User": user }).to_string()),
            ..acs::DockerConfig::default()
        });
        compile(&task).map(|containers| containers[0].router.clone().unwrap().owner)
    };
    assert_eq!(user("root"), Ok(None));
    assert_eq!(user("1000"), Ok(Some(Owner { uid: 1000, gid: None })));
    assert_eq!(user("1000:50"), Ok(Some(Owner { uid: 1000, gid: Some(50) })));
    assert!(user("fluent").unwrap_err().contains("the user `fluent`"));
}

#[test]
fn what_cannot_be_routed_is_refused() {
    let no_output = task("fluentbit", &[], &[("app", json!({ "region": "eu-west-1" }))]);
    let mut no_router = task("fluentbit", &[], &[("app", json!({}))]);
    no_router.containers[0].firelens_configuration = None;
    let mut two = task("fluentd", &[], &[]);
    two.containers.push(acs::Container { name: "second".into(), ..two.containers[0].clone() });
    let elsewhere =
        acs::Task { arn: "arn:aws:ecs:eu-west-1:0:task/..".into(), ..task("fluentd", &[], &[]) };
    let half = task("fluentd", &[("config-file-type", "file")], &[]);
    let no_object =
        task("fluentd", &[("config-file-type", "s3"), ("config-file-value", "b/k")], &[]);
    for (task, fault) in [
        (no_output, "container `app` has log options and none of them is `Name`"),
        (no_router, "container `app` logs through awsfirelens"),
        (two, "more than one container has a firelensConfiguration"),
        (task("vector", &[], &[]), "the firelensConfiguration type `vector`"),
        (elsewhere, "`..` is no task's id"),
        (half, "no config-file-value"),
        (no_object, "`b/k` is not the ARN of an S3 object"),
    ] {
        let reason = compile(&task).unwrap_err();
        assert!(reason.contains(fault), "{reason}");
    }
}

#[test]
fn other_drivers_keep_their_options() {
    let mut task = task("fluentbit", &[], &[("app", json!({ "Name": "stdout" }))]);
    let log = json!({ "Type": "syslog", "Config": { "syslog-address": "udp://10.0.0.1:514" } });
    task.containers[1].docker_config.as_mut().unwrap().host_config =
        Some(json!({ "LogConfig": log }).to_string());
    let app = &compile(&task).unwrap()[1];
    assert_eq!(app.spec.engine.host_config["LogConfig"], log);
    assert!(app.routed.is_none() && app.needs.is_empty());
}
