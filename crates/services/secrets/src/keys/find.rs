//! How a request names a key: by id, ARN, alias or alias' ARN.

use berth_control::tables::View;
use berth_model::{Arn, Scope};

use super::KeyRefusal;
use crate::tables::{Alias, Key, KeyId};

const ALIAS: &str = "alias/";

/// The key of this name in the caller's world.
pub fn find<'v>(view: &'v impl View, scope: &Scope, name: &str) -> Result<&'v Key, KeyRefusal> {
    let resource = resource(scope, name)?;
    if resource.starts_with(ALIAS) {
        let alias = find_alias(view, scope, &resource)?;
        return of_id(view, scope, alias.target);
    }
    let id = match Arn::is_meant_by(name) {
        true => resource.strip_prefix("key/"),
        false => Some(resource.as_str()),
    };
    let id = id.and_then(|id| id.parse().ok());
    of_id(view, scope, id.ok_or_else(|| KeyRefusal::NotFound(format!("Invalid keyId '{name}'")))?)
}

pub fn find_alias<'v>(
    view: &'v impl View,
    scope: &Scope,
    name: &str,
) -> Result<&'v Alias, KeyRefusal> {
    view.get::<Alias>(&(scope.clone(), name.to_owned())).ok_or_else(|| {
        KeyRefusal::NotFound(format!("Alias {} is not found.", Alias::arn(scope, name)))
    })
}

fn of_id<'v>(view: &'v impl View, scope: &Scope, id: KeyId) -> Result<&'v Key, KeyRefusal> {
    view.get::<Key>(&(scope.clone(), id.0)).ok_or_else(|| {
        let Scope { partition, account, region } = scope;
        KeyRefusal::NotFound(format!(
            "Key 'arn:{partition}:kms:{region}:{account}:key/{id}' does not exist"
        ))
    })
}

/// What is left of an ARN of the caller's world, or the name itself.
fn resource(scope: &Scope, name: &str) -> Result<String, KeyRefusal> {
    if !Arn::is_meant_by(name) {
        return Ok(name.to_owned());
    }
    let arn: Arn =
        name.parse().map_err(|_| KeyRefusal::InvalidArn(format!("Invalid arn {name}")))?;
    if arn.service != "kms" {
        return Err(KeyRefusal::InvalidArn(format!("Invalid arn {name}")));
    }
    match arn.scope().as_ref() == Some(scope) {
        true => Ok(arn.resource),
        // AWS: another region's key is an invalid ARN; another account's is one that is not there.
        false if arn.region.as_ref() != Some(&scope.region) => {
            Err(KeyRefusal::InvalidArn(format!(
                "Invalid arn {}",
                arn.region.map(|region| region.to_string()).unwrap_or_default()
            )))
        }
        false => Err(KeyRefusal::NotFound(format!("Key '{name}' does not exist"))),
    }
}
