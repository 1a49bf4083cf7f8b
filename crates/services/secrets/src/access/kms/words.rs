//! The words of the rows: from what a caller wrote to the keys that policies speak of.

use std::collections::BTreeMap;

use berth_aws_api::kms as api;
use berth_control::pipeline::access::{Asking, Keys, Resource, ResourcePolicy};
use berth_control::tables::{Record, View};
use berth_model::{Scope, Tags};
use bytes::Bytes;

use super::context::told;
use crate::keys::{find, key_of};
use crate::service::Secrets;
use crate::tables::{Alias, Key};

pub type Ask<'a> = Asking<'a, Secrets>;

/// AWS: whose account the caller is of; a key's policy may ask for it.
pub fn caller(ask: &mut Ask<'_>) {
    ask.wants.key("kms:CallerAccount", ask.call.scope.account.to_string());
}

/// The key that a call names.
pub fn key(ask: &mut Ask<'_>, name: &Option<String>) {
    let name = name.as_deref().unwrap_or_default();
    let view = ask.service.cell.snapshot();
    caller(ask);
    let alias = name.rsplit(':').next().filter(|name| name.starts_with("alias/"));
    ask.wants.key_if("kms:RequestAlias", alias);
    match find(&view, &ask.call.scope, name) {
        Ok(found) => known_key(ask, &view, found),
        Err(_) => ask.wants.on(missing(&ask.call.scope, name)),
    }
}

/// The key that a ciphertext is under; one that nobody knows is any.
pub fn key_of_ciphertext(ask: &mut Ask<'_>, name: &Option<String>, blob: &Option<Bytes>) {
    let view = ask.service.cell.snapshot();
    let scope = ask.call.scope.clone();
    match blob.as_deref().and_then(|blob| key_of(&view, &scope, blob)) {
        Some(found) => {
            caller(ask);
            known_key(ask, &view, found);
        }
        None if name.is_some() => key(ask, name),
        None => ask.wants.on(missing(&scope, "*")),
    }
}

pub fn key_of_alias(ask: &mut Ask<'_>, name: &Option<String>) {
    let view = ask.service.cell.snapshot();
    if let Ok(found) = find(&view, &ask.call.scope, name.as_deref().unwrap_or_default()) {
        ask.wants.on(resource(found));
    }
}

pub fn alias(ask: &mut Ask<'_>, name: &Option<String>) {
    let arn = Alias::arn(&ask.call.scope, name.as_deref().unwrap_or_default());
    ask.wants.on(Resource::new(arn));
}

/// The other half of ReEncrypt, which is an action of its own.
pub fn re_encrypted_to(
    ask: &mut Ask<'_>,
    name: &Option<String>,
    context: &Option<BTreeMap<String, String>>,
) {
    let name = name.as_deref().unwrap_or_default();
    let view = ask.service.cell.snapshot();
    let scope = &ask.call.scope;
    let mut keys = Keys::new().with("kms:CallerAccount", scope.account.to_string());
    let resource = match find(&view, scope, name) {
        Ok(found) => {
            of_key(&view, found, |name, value| keys.insert(name, value));
            resource(found)
        }
        Err(_) => missing(scope, name),
    };
    for (name, value) in told(pairs(context)) {
        keys.insert(name, value);
    }
    ask.wants.also("kms:ReEncryptTo", resource, keys);
}

/// AWS: what CreateKey makes, whether the call says so or not.
pub fn new_key(ask: &mut Ask<'_>) {
    for (name, value) in KIND {
        ask.wants.key(name, value);
    }
}

pub fn context(ask: &mut Ask<'_>, context: &Option<BTreeMap<String, String>>) {
    ask.wants
        .key("kms:EncryptionAlgorithm", api::EncryptionAlgorithmSpec::SymmetricDefault.as_str());
    for (name, value) in told(pairs(context)) {
        ask.wants.key(name, value);
    }
}

pub fn pair(ask: &mut Ask<'_>, spec: &Option<api::DataKeyPairSpec>) {
    ask.wants.key_if("kms:DataKeyPairSpec", spec.as_ref().map(|spec| spec.as_str()));
}

pub fn bypass(ask: &mut Ask<'_>, given: Option<bool>) {
    ask.wants.key("kms:BypassPolicyLockoutSafetyCheck", given == Some(true));
}

pub fn tags(ask: &mut Ask<'_>, given: &Option<Vec<api::Tag>>) {
    let pairs = given.iter().flatten();
    let pairs = pairs.map(|tag| {
        (tag.tag_key.clone().unwrap_or_default(), tag.tag_value.clone().unwrap_or_default())
    });
    ask.wants.request_tags(pairs.collect::<Tags>());
}

/// What every key of ours is.
const KIND: [(&str, &str); 4] = [
    ("kms:KeySpec", "SYMMETRIC_DEFAULT"),
    ("kms:KeyUsage", "ENCRYPT_DECRYPT"),
    ("kms:KeyOrigin", "AWS_KMS"),
    ("kms:MultiRegion", "false"),
];

fn known_key(ask: &mut Ask<'_>, view: &impl View, key: &Key) {
    let wants = &mut ask.wants;
    of_key(view, key, |name, value| wants.key(name, value));
    wants.on(resource(key));
}

fn of_key(
    view: &impl View,
    key: &Key,
    mut tell: impl FnMut(&'static str, berth_control::pipeline::access::KeyValue),
) {
    for (name, value) in KIND {
        tell(name, value.into());
    }
    let aliases = view.table::<Alias>().indexes().by_target.get(&key.key()).cloned();
    tell("kms:ResourceAliases", aliases.collect::<Vec<_>>().into());
}

/// AWS: nobody may do anything with a key that its policy does not allow, be it by leaving it to the account.
pub fn resource(key: &Key) -> Resource {
    let policy = ResourcePolicy { text: key.policy.text(), alone: true };
    Resource::new(key.arn()).tagged(&key.tags).governed_by(policy)
}

/// A key that is not there, judged by what it was called.
fn missing(scope: &Scope, name: &str) -> Resource {
    let Scope { partition, account, region } = scope;
    let name = name.rsplit(':').next().unwrap_or_default().trim_start_matches("key/");
    Resource::new(format_args!("arn:{partition}:kms:{region}:{account}:key/{name}"))
}

fn pairs(context: &Option<BTreeMap<String, String>>) -> impl Iterator<Item = (&str, &str)> {
    context.iter().flatten().map(|(name, value)| (name.as_str(), value.as_str()))
}
