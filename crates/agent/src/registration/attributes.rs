//! What this host is and can do, as placement constraints and `requiresAttributes` see it.
//!
//! A capability is a promise: only what this agent really does is named, so that a task definition which
//! needs more is not placed here.

use berth_runtime::{RuntimeInfo, has_pause_image};

use super::Attribute;
use crate::options::Options;

const CAPABILITY: &str = "com.amazonaws.ecs.capability.";
const ECS_CAPABILITY: &str = "ecs.capability.";

/// AWS: no version from here on is told; there is a limit on attributes.
const LAST_API_TOLD: u32 = 32;
/// AWS: these are left out too.
const APIS_NOT_TOLD: [u32; 3] = [26, 27, 31];
/// AWS: the oldest Docker API that capabilities speak of.
const FIRST_API: u32 = 17;

/// `is_first` adds the custom ones, which belong to a new container instance only.
///
/// `serves_tasks`: containers can ask this agent for what their roles need.
pub(super) fn of(
    options: &Options,
    info: &RuntimeInfo,
    serves_tasks: bool,
    is_first: bool,
) -> Vec<Attribute> {
    let mut all = vec![
        valued("ecs.os-type", &info.os_type),
        valued("ecs.cpu-architecture", architecture(&info.architecture)),
    ];
    all.extend(options.instance_type.as_deref().map(|kind| valued("ecs.instance-type", kind)));
    all.extend(
        options.availability_zone.as_deref().map(|zone| valued("ecs.availability-zone", zone)),
    );
    let provider = options.capacity_provider.as_deref();
    all.extend(provider.map(|name| valued("berth.capacity-provider", name)));
    if options.external {
        all.push(Attribute { name: format!("{ECS_CAPABILITY}external"), value: None });
    }
    if let Some(version) = options.gpu_driver.as_deref().filter(|_| !options.gpus.is_empty()) {
        // AWS: once to be required by its name, once to be read.
        let name = format!("{ECS_CAPABILITY}nvidia-driver-version.{version}");
        all.push(Attribute { name, value: None });
        all.push(valued(&format!("{ECS_CAPABILITY}gpu-driver-version"), version));
    }
    let capabilities = capabilities(options, info, serves_tasks);
    all.extend(capabilities.into_iter().map(|name| Attribute { name, value: None }));
    if is_first {
        all.extend(options.attributes.iter().map(|(name, value)| valued(name, value)));
    }
    all
}

fn valued(name: &str, value: &str) -> Attribute {
    Attribute { name: name.to_owned(), value: Some(value.to_owned()) }
}

/// AWS: Go's words for architectures, x86_64 excepted.
fn architecture(kernel: &str) -> &str {
    match kernel {
        "aarch64" => "arm64",
        other => other,
    }
}

fn capabilities(options: &Options, info: &RuntimeInfo, serves_tasks: bool) -> Vec<String> {
    let mut names = vec![
        format!("{CAPABILITY}privileged-container"),
        format!("{ECS_CAPABILITY}container-health-check"),
        format!("{ECS_CAPABILITY}container-ordering"),
        format!("{ECS_CAPABILITY}container-restart-policy"),
        format!("{ECS_CAPABILITY}full-sync"),
        format!("{ECS_CAPABILITY}network.container-port-range"),
    ];
    if options.sources.has_secrets() {
        let kept = [
            "private-registry-authentication.secretsmanager",
            "secrets.asm.bootstrap.log-driver",
            "secrets.asm.environment-variables",
            "secrets.ssm.bootstrap.log-driver",
            "secrets.ssm.environment-variables",
        ];
        names.extend(kept.map(|name| format!("{ECS_CAPABILITY}{name}")));
    }
    if has_pause_image() {
        names.push(format!("{ECS_CAPABILITY}pid-ipc-namespace-sharing"));
    }
    if info.has_groups {
        names.push(format!("{ECS_CAPABILITY}task-cpu-mem-limit"));
    }
    if serves_tasks {
        names.push(format!("{CAPABILITY}task-iam-role"));
        names.push(format!("{CAPABILITY}task-iam-role-network-host"));
    }
    names.extend(
        api_versions(&info.api_version)
            .map(|minor| format!("{CAPABILITY}docker-remote-api.1.{minor}")),
    );
    names.extend(
        info.log_drivers.iter().map(|driver| format!("{CAPABILITY}logging-driver.{driver}")),
    );
    names.extend(
        info.volume_drivers.iter().map(|driver| format!("{ECS_CAPABILITY}docker-plugin.{driver}")),
    );
    for option in ["selinux", "apparmor"] {
        if info.security_options.iter().any(|held| held.contains(option)) {
            names.push(format!("{CAPABILITY}{option}"));
        }
    }
    names.extend(fetching(options));
    names.extend(routing(options, info));
    names.sort_unstable();
    names.dedup();
    names
}

fn fetching(options: &Options) -> Option<String> {
    options.sources.has_objects().then(|| format!("{ECS_CAPABILITY}env-files.s3"))
}

/// What log routers can do here: they are spoken to by Docker's `fluentd` driver.
fn routing(options: &Options, info: &RuntimeInfo) -> Vec<String> {
    if !info.log_drivers.iter().any(|driver| driver == "fluentd") {
        return Vec::new();
    }
    let mut names = vec![format!("{CAPABILITY}logging-driver.awsfirelens")];
    let always = [
        "firelens.fluentbit",
        "firelens.fluentd",
        "firelens.non-root-user",
        "firelens.options.config.file",
        "logging-driver.awsfirelens.log-driver-buffer-limit",
    ];
    names.extend(always.map(|name| format!("{ECS_CAPABILITY}{name}")));
    if options.sources.has_objects() {
        names.push(format!("{ECS_CAPABILITY}firelens.options.config.s3"));
    }
    names
}

/// The minor versions that an engine of this version speaks, as far as ECS asks for them.
fn api_versions(version: &str) -> impl Iterator<Item = u32> {
    let newest = version
        .strip_prefix("1.")
        .and_then(|minor| minor.parse::<u32>().ok())
        .unwrap_or(LAST_API_TOLD);
    (FIRST_API..=newest.min(LAST_API_TOLD)).filter(|minor| !APIS_NOT_TOLD.contains(minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_versions_are_those_that_ecs_knows() {
        assert_eq!(api_versions("1.20").collect::<Vec<_>>(), [17, 18, 19, 20]);
        let modern: Vec<_> = api_versions("1.41").collect();
        assert_eq!(modern.last(), Some(&32));
        assert!(!modern.contains(&26) && !modern.contains(&31) && modern.contains(&30));
    }

    #[test]
    fn architectures_have_the_names_that_ecs_uses() {
        assert_eq!(architecture("x86_64"), "x86_64");
        assert_eq!(architecture("aarch64"), "arm64");
    }
}
