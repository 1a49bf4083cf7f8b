//! How a key comes to be, and to new material.

use berth_control::env::Env;
use berth_model::{Scope, Tags, Timestamp};

use super::Vault;
use crate::tables::{Key, KeyId, KeyState, Made, Manager, PolicyText, Rotation};

/// An enabled key with its first material, which is not in any table yet.
pub fn new_key(
    vault: &Vault,
    env: &Env,
    scope: Scope,
    manager: Manager,
    description: String,
    policy: PolicyText,
    tags: Tags,
) -> Key {
    let id = KeyId::new(env);
    let material = vec![vault.new_material(id, 1, Made::WithTheKey)];
    let created_at = env.now();
    // AWS: its own keys rotate each year, and nobody can stop that.
    let rotation = match manager {
        Manager::Customer => None,
        Manager::Aws => Some(Rotation { period_days: 365, since: created_at }),
    };
    let state = KeyState::Enabled;
    Key { scope, id, created_at, description, manager, state, policy, tags, material, rotation }
}

/// Gives a key new material. What older material has encrypted it still decrypts.
pub fn rotate(vault: &Vault, key: &mut Key, made: Made, now: Timestamp) {
    let number = key.current().number + 1;
    key.material.push(vault.new_material(key.id, number, made));
    if let (Made::OnSchedule, Some(rotation)) = (made, &mut key.rotation) {
        rotation.since = now;
    }
}

/// AWS: what a key has whose owner says nothing: the account decides, by its own policies.
pub fn default_policy(scope: &Scope) -> PolicyText {
    let Scope { partition, account, .. } = scope;
    PolicyText::new(&format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    ))
}
