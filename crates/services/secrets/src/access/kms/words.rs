//! The words of the rows: from what a caller wrote to the keys that policies speak of.

use std::collections::BTreeMap;

use berth_aws_api::kms as api;
use berth_control::pipeline::access::{Asking, Keys, Resource, ResourcePolicy};
use berth_control::tables::{Record, View};
use berth_model::{Scope, Tags};
use bytes::Bytes;

use super::context::told;
use crate::keys::{KeyOfService, find, key_of};
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
    ask.wants.key_if("kms:RequestAlias", alias_in(name));
    match find(&view, &ask.call.scope, name) {
        Ok(found) => known_key(ask, &view, found),
        Err(_) => ask.wants.on(missing(&ask.call.scope, name)),
    }
}

/// The alias by which a request names a key, if it does.
fn alias_in(name: &str) -> Option<&str> {
    name.rsplit(':').next().filter(|name| name.starts_with("alias/"))
}

/// The key that a ciphertext is under; one that nobody knows is any.
pub fn key_of_ciphertext(ask: &mut Ask<'_>, name: &Option<String>, blob: &Option<Bytes>) {
    let view = ask.service.cell.snapshot();
    let scope = ask.call.scope.clone();
    match blob.as_deref().and_then(|blob| key_of(&view, &scope, blob)) {
        Some(found) => {
            caller(ask);
            ask.wants.key_if("kms:RequestAlias", name.as_deref().and_then(alias_in));
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

/// AWS: two actions, from one key and to another, which may be the same.
pub fn re_encryption(ask: &mut Ask<'_>, input: &api::ReEncryptRequest) {
    ask.wants.action("kms:ReEncryptFrom");
    key_of_ciphertext(ask, &input.source_key_id, &input.ciphertext_blob);
    context(ask, &input.source_encryption_context);

    let (view, scope) = (ask.service.cell.snapshot(), &ask.call.scope);
    let name = input.destination_key_id.as_deref().unwrap_or_default();
    let source = input.ciphertext_blob.as_deref().and_then(|blob| key_of(&view, scope, blob));
    let destination = find(&view, scope, name).ok();
    let is_same = source.is_some_and(|source| destination.is_some_and(|key| key.id == source.id));
    ask.wants.key("kms:ReEncryptOnSameKey", is_same);

    let mut keys = Keys::new()
        .with("kms:CallerAccount", scope.account.to_string())
        .with("kms:EncryptionAlgorithm", ALGORITHM)
        .with("kms:ReEncryptOnSameKey", is_same);
    if let Some(alias) = alias_in(name) {
        keys.insert("kms:RequestAlias", alias);
    }
    let resource = match destination {
        Some(found) => {
            of_key(&view, found, |name, value| keys.insert(name, value));
            resource(found)
        }
        None => missing(scope, name),
    };
    for (name, value) in told(pairs(&input.destination_encryption_context)) {
        keys.insert(name, value);
    }
    ask.wants.also("kms:ReEncryptTo", resource, keys);
}

/// AWS: tags of a new key want their own permission, on no key in particular: it has no id yet.
pub fn tagged_new_key(ask: &mut Ask<'_>, given: &Option<Vec<api::Tag>>) {
    let brought = pairs_of(given);
    if !brought.is_empty() {
        let account = ask.call.scope.account.to_string();
        let mut keys = Keys::new().with("kms:CallerAccount", account);
        keys.request_tags(brought);
        ask.wants.also("kms:TagResource", Resource::any(), keys);
    }
}

/// AWS: what CreateKey makes, whether the call says so or not.
pub fn new_key(ask: &mut Ask<'_>) {
    for (name, value) in KIND {
        ask.wants.key(name, value);
    }
}

pub fn context(ask: &mut Ask<'_>, context: &Option<BTreeMap<String, String>>) {
    ask.wants.key("kms:EncryptionAlgorithm", ALGORITHM);
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
    ask.wants.request_tags(pairs_of(given));
}

fn pairs_of(given: &Option<Vec<api::Tag>>) -> Tags {
    let given = given.iter().flatten();
    let pair = |tag: &api::Tag| {
        (tag.tag_key.clone().unwrap_or_default(), tag.tag_value.clone().unwrap_or_default())
    };
    given.map(pair).collect()
}

/// Of every key of ours.
const ALGORITHM: &str = "SYMMETRIC_DEFAULT";

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

/// A key that is not there, judged by what it was called; one that the call will make for a service, by the policy that it
/// will have.
fn missing(scope: &Scope, name: &str) -> Resource {
    let Scope { partition, account, region } = scope;
    let of_service = KeyOfService::named(scope, name);
    let name = name.rsplit(':').next().unwrap_or_default().trim_start_matches("key/");
    let key = Resource::new(format_args!("arn:{partition}:kms:{region}:{account}:key/{name}"));
    match of_service {
        Some(service) => {
            let text = service.policy(scope).text();
            key.governed_by(ResourcePolicy { text, alone: true })
        }
        None => key,
    }
}

fn pairs(context: &Option<BTreeMap<String, String>>) -> impl Iterator<Item = (&str, &str)> {
    context.iter().flatten().map(|(name, value)| (name.as_str(), value.as_str()))
}
