//! What a light agent says of its host: what the stock agent says on an ordinary Linux machine.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(super) const AGENT_VERSION: &str = "1.105.1";
pub(super) const AGENT_HASH: &str = "f1ee7a9e";
pub(super) const DOCKER_VERSION: &str = "DockerVersion: 25.0.8";

const ZONES: [&str; 3] = ["a", "b", "c"];

/// Without the prefix that they all have.
const OLD_CAPABILITIES: &[&str] = &[
    "privileged-container",
    "ecr-auth",
    "task-iam-role",
    "task-iam-role-network-host",
    "docker-remote-api.1.17",
    "docker-remote-api.1.18",
    "docker-remote-api.1.19",
    "docker-remote-api.1.20",
    "docker-remote-api.1.21",
    "docker-remote-api.1.22",
    "docker-remote-api.1.23",
    "docker-remote-api.1.24",
    "docker-remote-api.1.25",
    "docker-remote-api.1.28",
    "docker-remote-api.1.29",
    "docker-remote-api.1.30",
    "docker-remote-api.1.32",
    "logging-driver.awslogs",
    "logging-driver.json-file",
    "logging-driver.none",
    "logging-driver.syslog",
];
const CAPABILITIES: &[&str] = &[
    "aws-appmesh",
    "cni-plugin-version.2024.09.0",
    "container-health-check",
    "container-ordering",
    "docker-plugin.local",
    "ecr-endpoint",
    "efs",
    "efsAuth",
    "env-files.s3",
    "execution-role-awslogs",
    "execution-role-ecr-pull",
    "firelens.fluentbit",
    "firelens.fluentd",
    "firelens.options.config.file",
    "firelens.options.config.s3",
    "full-sync",
    "increased-task-cpu-limit",
    "logging-driver.awsfirelens",
    "pid-ipc-namespace-sharing",
    "private-registry-authentication.secretsmanager",
    "secrets.asm.bootstrap.log-driver",
    "secrets.asm.environment-variables",
    "secrets.ssm.bootstrap.log-driver",
    "secrets.ssm.environment-variables",
    "task-cpu-mem-limit",
    "task-eni",
];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attribute {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<String>,
}

/// All hosts are alike, but for their zones.
pub(super) fn attributes(region: &str, number: usize) -> Vec<Attribute> {
    let valued = |name: &str, value: &str| Attribute {
        name: name.to_owned(),
        value: Some(value.to_owned()),
    };
    let able =
        |prefix: &str, name: &str| Attribute { name: format!("{prefix}{name}"), value: None };
    let mut all = vec![
        valued("ecs.availability-zone", &format!("{region}{}", ZONES[number % ZONES.len()])),
        valued("ecs.cpu-architecture", "x86_64"),
        valued("ecs.instance-type", "m5.xlarge"),
        valued("ecs.os-type", "linux"),
    ];
    all.extend(OLD_CAPABILITIES.iter().map(|name| able("com.amazonaws.ecs.capability.", name)));
    all.extend(CAPABILITIES.iter().map(|name| able("ecs.capability.", name)));
    all
}

/// Four processors and 16 GiB, less what the stock agent's own machine keeps.
pub(super) fn resources() -> Value {
    json!([
        { "name": "CPU", "type": "INTEGER", "integerValue": 4096 },
        { "name": "MEMORY", "type": "INTEGER", "integerValue": 15_733 },
        {
            "name": "PORTS", "type": "STRINGSET",
            "stringSetValue": ["22", "2375", "2376", "51678", "51679"],
        },
        { "name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": [] },
    ])
}
