//! A secret that a container is to have: who keeps it, which part of it is meant, where it goes.

use berth_agent_protocol::acs;

use super::Refusal;
use crate::sources::SecretVersion;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretDefinition {
    pub(crate) name: String,
    pub(crate) keeper: Keeper,
    pub(crate) region: Option<String>,
    pub(crate) target: Target,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Keeper {
    SecretsManager {
        version: SecretVersion,
        /// The one value that is meant, of a secret that is a JSON object.
        json_key: Option<String>,
    },
    /// A parameter's name or ARN.
    ParameterStore(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Environment,
    LogOptions,
}

pub(super) fn compile_all(container: &acs::Container) -> Result<Vec<SecretDefinition>, Refusal> {
    container.secrets.iter().map(|secret| compile(container, secret)).collect()
}

fn compile(container: &acs::Container, secret: &acs::Secret) -> Result<SecretDefinition, Refusal> {
    let of =
        |what: &str| format!("{what} (container `{}`, secret `{}`)", container.name, secret.name);
    let target = match (secret.kind.as_deref(), secret.target.as_deref()) {
        (_, Some("LOG_DRIVER")) => Target::LogOptions,
        (None | Some("" | "ENVIRONMENT_VARIABLE"), None | Some("" | "CONTAINER")) => {
            Target::Environment
        }
        (kind, _) => {
            let what = format!("the secret type `{}`", kind.unwrap_or_default());
            return Err(Refusal::unsupported(of(&what)));
        }
    };
    let keeper = match secret.provider.as_deref() {
        Some("asm") => secrets_manager(&secret.value_from)
            .ok_or_else(|| Refusal::unreadable(of(INVALID_ARN)))?,
        Some("ssm") => Keeper::ParameterStore(secret.value_from.clone()),
        other => {
            let what = format!("the secrets provider `{}`", other.unwrap_or_default());
            return Err(Refusal::unsupported(of(&what)));
        }
    };
    let region = secret.region.clone().filter(|region| !region.is_empty());
    Ok(SecretDefinition { name: secret.name.clone(), keeper, region, target })
}

/// AWS: the words of ECS's agent.
const INVALID_ARN: &str = "an invalid ARN format for the AWS Secrets Manager secret was specified. Specify a valid ARN and try again.";

/// `arn:…:secret:NAME`, or with a JSON key, a stage and a version: all three or none, each of which may be empty.
fn secrets_manager(value_from: &str) -> Option<Keeper> {
    // arn, partition, service, region, account, `secret`, name, and the three.
    let parts: Vec<&str> = value_from.split(':').collect();
    let given =
        |at: usize| parts.get(at).filter(|part| !part.is_empty()).map(|part| (*part).to_owned());
    if parts.first() != Some(&"arn") || !matches!(parts.len(), 7 | 10) {
        return None;
    }
    let secret = parts.iter().take(7).copied().collect::<Vec<_>>().join(":");
    let version = SecretVersion { secret, stage: given(8), version: given(9) };
    Some(Keeper::SecretsManager { version, json_key: given(7) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";

    #[test]
    fn a_reference_says_which_part_of_which_version_is_meant() {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        for (end, key, stage, version) in [
            ("", "", "", ""),
            (":password::", "password", "", ""),
            (":password:AWSPREVIOUS:", "password", "AWSPREVIOUS", ""),
            (":::v1", "", "", "v1"),
        ] {
            let (secret, stage, version) = (ARN.to_owned(), text(stage), text(version));
            let version = SecretVersion { secret, stage, version };
            let expected = Keeper::SecretsManager { version, json_key: text(key) };
            assert_eq!(secrets_manager(&format!("{ARN}{end}")), Some(expected), "{end}");
        }
        for wrong in ["", "db", &format!("{ARN}:password"), &format!("{ARN}:a:b:c:d")] {
            assert_eq!(secrets_manager(wrong), None, "{wrong}");
        }
    }
}
