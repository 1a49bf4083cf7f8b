//! Public parameters: what AWS publishes under `/aws/service/` for everybody to read.
//!
//! DEVIATES: hosts are machines of one's own, so there are no images to recommend. Of
//! `/aws/service/ecs/optimized-ami/FLAVOUR/recommended` there is `ecs_agent_version`, the version of this server's
//! agent; the image's id and name, its operating system and its Docker are not found, and say why.

use berth_aws_api::ssm as api;
use berth_model::{Scope, Timestamp};

const ROOT: &str = "/aws/service/ecs/optimized-ami/";
const AGENT_VERSION: &str = "/recommended/ecs_agent_version";

/// AWS: for which there is an image of ECS's.
const FLAVOURS: [&str; 12] = [
    "amazon-linux-2",
    "amazon-linux-2/arm64",
    "amazon-linux-2/gpu",
    "amazon-linux-2/inf",
    "amazon-linux-2/kernel-5.10",
    "amazon-linux-2/kernel-5.10/arm64",
    "amazon-linux-2/kernel-5.10/gpu",
    "amazon-linux-2/kernel-5.10/inf",
    "amazon-linux-2023",
    "amazon-linux-2023/arm64",
    "amazon-linux-2023/gpu",
    "amazon-linux-2023/neuron",
];

/// Whether a name is one of AWS's own.
pub fn is_meant_by(name: &str) -> bool {
    name.starts_with("/aws/")
}

pub fn find(scope: &Scope, name: &str) -> Result<api::Parameter, api::Error> {
    match all().find(|known| known == name) {
        Some(name) => Ok(render(scope, name)),
        None => Err(api::Error::parameter_not_found(match name.starts_with(ROOT) {
            true => format!(
                "Parameter {name} not found: hosts are machines of your own, so no image is recommended for them."
            ),
            false => format!("Parameter {name} not found."),
        })),
    }
}

/// In the order of their names.
pub fn all() -> impl Iterator<Item = String> {
    FLAVOURS.iter().map(|flavour| format!("{ROOT}{flavour}{AGENT_VERSION}"))
}

/// AWS: it belongs to no account.
pub fn render(scope: &Scope, name: String) -> api::Parameter {
    let Scope { partition, region, .. } = scope;
    api::Parameter {
        arn: Some(format!("arn:{partition}:ssm:{region}::parameter{name}")),
        name: Some(name),
        r#type: Some(api::ParameterType::String),
        value: Some(env!("CARGO_PKG_VERSION").to_owned()),
        version: Some(1),
        selector: None,
        source_result: None,
        last_modified_date: Some(Timestamp::EPOCH),
        data_type: Some("text".to_owned()),
    }
}
