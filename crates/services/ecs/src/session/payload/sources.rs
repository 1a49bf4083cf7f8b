//! What the agent has to fetch for a container before it starts: secrets, files of variables, and the login
//! to the registry that its image is in.

use berth_agent_protocol::acs;
use berth_aws_api::ecs as api;
use berth_model::Region;

use crate::task_definition::ecr::Registry;
use crate::task_definition::secrets::{Keeper, keeper};

pub(super) fn environment_files(defined: &api::ContainerDefinition) -> Vec<acs::EnvironmentFile> {
    let files = defined.environment_files.iter().flatten();
    files
        .map(|file| acs::EnvironmentFile {
            value: file.value.clone().unwrap_or_default(),
            kind: file.r#type.as_ref().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        })
        .collect()
}

/// AWS: secrets of the container and of its log driver come in one list.
pub(super) fn secrets(defined: &api::ContainerDefinition, region: &Region) -> Vec<acs::Secret> {
    let of_container = defined.secrets.iter().flatten().map(|secret| acs::Secret {
        kind: Some("ENVIRONMENT_VARIABLE".to_owned()),
        target: Some("CONTAINER".to_owned()),
        ..self::secret(secret, region)
    });
    let log = defined.log_configuration.iter().flat_map(|log| log.secret_options.iter().flatten());
    let of_logs = log.map(|secret| acs::Secret {
        kind: Some("BOOTSTRAP".to_owned()),
        target: Some("LOG_DRIVER".to_owned()),
        ..self::secret(secret, region)
    });
    of_container.chain(of_logs).collect()
}

fn secret(secret: &api::Secret, region: &Region) -> acs::Secret {
    let value_from = secret.value_from.clone().unwrap_or_default();
    let provider = match keeper(secret) {
        Keeper::SecretsManager => "asm",
        Keeper::ParameterStore => "ssm",
    };
    acs::Secret {
        name: secret.name.clone().unwrap_or_default(),
        region: Some(region_of(&value_from, region)),
        value_from,
        provider: Some(provider.to_owned()),
        ..Default::default()
    }
}

/// A private registry's login is in a secret; ECR gives one to whoever has the right role.
pub(super) fn registry(
    defined: &api::ContainerDefinition,
    has_execution_role: bool,
    region: &Region,
) -> Option<acs::RegistryAuthentication> {
    let parameter = defined
        .repository_credentials
        .as_ref()
        .and_then(|credentials| credentials.credentials_parameter.clone());
    if let Some(parameter) = parameter {
        return Some(acs::RegistryAuthentication {
            kind: "asm".to_owned(),
            ecr_auth_data: None,
            asm_auth_data: Some(acs::ASMAuthData {
                region: region_of(&parameter, region),
                credentials_parameter: parameter,
            }),
        });
    }
    let registry = Registry::of(defined.image.as_deref()?)?;
    Some(acs::RegistryAuthentication {
        kind: "ecr".to_owned(),
        ecr_auth_data: Some(acs::ECRAuthData {
            registry_id: Some(registry.account.to_owned()),
            region: Some(registry.region.to_owned()),
            endpoint_override: None,
            use_execution_role: Some(has_execution_role),
        }),
        asm_auth_data: None,
    })
}

/// The region that an ARN names; what is only a name is in the task's own.
fn region_of(name: &str, region: &Region) -> String {
    let mut parts = name.split(':');
    let named = (parts.next() == Some("arn")).then(|| parts.nth(2)).flatten();
    named.filter(|named| !named.is_empty()).map_or_else(|| region.to_string(), str::to_owned)
}
