//! The platform that a task definition names (`runtimePlatform`), in the attributes of instances.

use berth_aws_api::ecs as api;
use berth_scheduler::RequiredAttribute;

pub const ARCHITECTURE: &str = "ecs.cpu-architecture";
const OPERATING_SYSTEM: &str = "ecs.os-type";

/// `x86_64` or `arm64`, where the task definition cares.
pub fn architecture(content: &api::TaskDefinition) -> Option<&str> {
    let architecture = content.runtime_platform.as_ref()?.cpu_architecture.as_ref()?;
    Some(if *architecture == api::CPUArchitecture::Arm64 { "arm64" } else { "x86_64" })
}

/// What an instance must say of itself to run it.
pub fn required(content: &api::TaskDefinition) -> impl Iterator<Item = RequiredAttribute> {
    let attribute = |name: &str, value: &str| RequiredAttribute {
        name: name.to_owned(),
        value: Some(value.to_owned()),
    };
    let platform = content.runtime_platform.as_ref();
    let family = platform.and_then(|platform| platform.operating_system_family.as_ref());
    let operating_system =
        family.map(|family| if *family == api::OSFamily::Linux { "linux" } else { "windows" });
    let architecture = architecture(content).map(|value| attribute(ARCHITECTURE, value));
    architecture.into_iter().chain(operating_system.map(|value| attribute(OPERATING_SYSTEM, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(architecture: Option<&str>, family: Option<&str>) -> api::TaskDefinition {
        let runtime_platform = api::RuntimePlatform {
            cpu_architecture: architecture.map(Into::into),
            operating_system_family: family.map(Into::into),
        };
        api::TaskDefinition { runtime_platform: Some(runtime_platform), ..Default::default() }
    }

    #[test]
    fn a_platform_is_asked_for_only_where_it_is_named() {
        let asked = |definition: api::TaskDefinition| -> Vec<String> {
            required(&definition)
                .map(|asked| format!("{}={}", asked.name, asked.value.unwrap_or_default()))
                .collect()
        };
        assert!(asked(api::TaskDefinition::default()).is_empty());
        assert!(asked(definition(None, None)).is_empty());
        assert_eq!(asked(definition(Some("ARM64"), None)), ["ecs.cpu-architecture=arm64"]);
        let both = ["ecs.cpu-architecture=x86_64", "ecs.os-type=linux"];
        assert_eq!(asked(definition(Some("X86_64"), Some("LINUX"))), both);
        assert_eq!(
            asked(definition(None, Some("WINDOWS_SERVER_2022_CORE"))),
            ["ecs.os-type=windows"]
        );
    }
}
