//! The keys that services use if they are told none: AWS's own, made when one is first needed.

use berth_control::cell::Transaction;
use berth_control::env::Env;
use berth_control::tables::View;
use berth_model::{Scope, Tags};

use super::{KeyRefusal, Vault, find, find_alias, new_key};
use crate::tables::{Alias, Key, Manager, PolicyText};

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOfService {
    SecretsManager,
    ParameterStore,
}

impl KeyOfService {
    pub fn alias(self) -> &'static str {
        match self {
            KeyOfService::SecretsManager => "alias/aws/secretsmanager",
            KeyOfService::ParameterStore => "alias/aws/ssm",
        }
    }

    /// The one that a request means.
    pub fn named(scope: &Scope, name: &str) -> Option<Self> {
        let all = [KeyOfService::SecretsManager, KeyOfService::ParameterStore];
        all.into_iter().find(|service| service.is_named_by(scope, name))
    }

    /// Whether a request means this one.
    fn is_named_by(self, scope: &Scope, name: &str) -> bool {
        name == self.alias() || name == Alias::arn(scope, self.alias())
    }

    /// Whether a key is this one.
    pub fn is(self, view: &impl View, key: &Key) -> bool {
        find_alias(view, &key.scope, self.alias()).is_ok_and(|alias| alias.target == key.id)
    }

    fn description(self) -> &'static str {
        match self {
            KeyOfService::SecretsManager => {
                "Default key that protects my Secrets Manager data when no other key is defined"
            }
            KeyOfService::ParameterStore => {
                "Default key that protects my SSM parameters when no other key is defined"
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            KeyOfService::SecretsManager => "secretsmanager",
            KeyOfService::ParameterStore => "ssm",
        }
    }

    /// AWS: whoever may use the service in the account may use the key through it; directly, it is only looked at.
    pub fn policy(self, scope: &Scope) -> PolicyText {
        let Scope { partition, account, region } = scope;
        let name = self.name();
        PolicyText::new(&format!(
            r#"{{"Version":"2012-10-17","Id":"auto-{name}-2","Statement":[{{"Sid":"Allow access through the service for all principals in the account that are authorized to use it","Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:CreateGrant","kms:DescribeKey"],"Resource":"*","Condition":{{"StringEquals":{{"kms:CallerAccount":"{account}","kms:ViaService":"{name}.{region}.amazonaws.com"}}}}}},{{"Sid":"Allow direct access to key metadata to the account","Effect":"Allow","Principal":{{"AWS":"arn:{partition}:iam::{account}:root"}},"Action":["kms:Describe*","kms:Get*","kms:List*"],"Resource":"*"}}]}}"#
        ))
    }
}

/// The key of this name, or without one the service's own, which is made if this is its first use.
pub fn key_or_default(
    tx: &mut Transaction,
    vault: &Vault,
    env: &Env,
    scope: &Scope,
    name: Option<&str>,
    service: KeyOfService,
) -> Result<Key, KeyRefusal> {
    let name = name.unwrap_or(service.alias());
    match find(tx, scope, name) {
        Err(KeyRefusal::NotFound(_)) if service.is_named_by(scope, name) => {
            Ok(make(tx, vault, env, scope, service))
        }
        found => found.cloned(),
    }
}

fn make(
    tx: &mut Transaction,
    vault: &Vault,
    env: &Env,
    scope: &Scope,
    service: KeyOfService,
) -> Key {
    let (policy, description) = (service.policy(scope), service.description().to_owned());
    let key = new_key(vault, env, scope.clone(), Manager::Aws, description, policy, Tags::new());
    tx.put(Alias {
        scope: scope.clone(),
        name: service.alias().to_owned(),
        target: key.id,
        created_at: key.created_at,
        updated_at: key.created_at,
    });
    tx.put(key.clone());
    key
}
