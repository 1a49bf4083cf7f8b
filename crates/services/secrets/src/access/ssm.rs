//! What each call about parameters wants: the parameter, by its ARN, whether it is there or not.
//!
//! A value under a key of the account's own wants that key as well. AWS: `alias/aws/ssm` is for everybody who may use
//! Parameter Store.

use std::collections::BTreeMap;

use berth_aws_api::ssm as api;
use berth_aws_api::ssm::ops;
use berth_control::pipeline::access::{AccessTable, Asking, Keys, Resource};
use berth_control::tables::View;
use berth_model::{Scope, Tags};

use super::kms::{context_told, key_resource};
use crate::keys::{KeyOfService, find as find_key, key_of};
use crate::parameters::find;
use crate::parameters::names::{Reference, level};
use crate::parameters::public;
use crate::parameters::values::PARAMETER_ARN;
use crate::service::Secrets;
use crate::tables::{Key, Parameter, ParameterValue, ParameterVersion, Tier};

type Ask<'a> = Asking<'a, Secrets>;

pub fn table() -> AccessTable<Secrets> {
    AccessTable::<Secrets>::new("ssm")
        .operation::<ops::PutParameter>(|ask, input| {
            parameter(ask, &input.name);
            ask.wants.key("ssm:Overwrite", input.overwrite == Some(true));
            tags(ask, &input.tags);
            tagged(ask, &input.name, &input.tags);
            // Only a secure one may name a key, whether the request says again that it is one or not.
            encrypting(ask, &input.name, &input.key_id, &input.tier);
        })
        .operation::<ops::GetParameter>(|ask, input| {
            value(ask, input.name.as_deref().unwrap_or_default(), input.with_decryption);
        })
        .operation::<ops::GetParameters>(|ask, input| {
            for name in input.names.iter().flatten() {
                value(ask, name, input.with_decryption);
            }
        })
        .operation::<ops::GetParametersByPath>(|ask, input| {
            below(ask, input.path.as_deref().unwrap_or_default());
            ask.wants.key("ssm:Recursive", input.recursive == Some(true));
            if input.with_decryption == Some(true) {
                let path = input.path.as_deref().unwrap_or_default();
                keys_below(ask, path, input.recursive == Some(true));
            }
        })
        .operation::<ops::GetParameterHistory>(|ask, input| {
            parameter(ask, &input.name);
            if input.with_decryption == Some(true) {
                keys_of_history(ask, input.name.as_deref().unwrap_or_default());
            }
        })
        .operation::<ops::DescribeParameters>(|_, _| {})
        .operation::<ops::DeleteParameter>(|ask, input| parameter(ask, &input.name))
        .operation::<ops::DeleteParameters>(|ask, input| {
            for name in input.names.iter().flatten() {
                named(ask, name);
            }
        })
        .operation::<ops::LabelParameterVersion>(|ask, input| parameter(ask, &input.name))
        .operation::<ops::UnlabelParameterVersion>(|ask, input| parameter(ask, &input.name))
        .operation::<ops::AddTagsToResource>(|ask, input| {
            parameter(ask, &input.resource_id);
            tags(ask, &input.tags);
        })
        .operation::<ops::RemoveTagsFromResource>(|ask, input| {
            parameter(ask, &input.resource_id);
            ask.wants.untagged(input.tag_keys.as_deref().unwrap_or_default());
        })
        .operation::<ops::ListTagsForResource>(|ask, input| parameter(ask, &input.resource_id))
}

fn parameter(ask: &mut Ask<'_>, name: &Option<String>) {
    named(ask, name.as_deref().unwrap_or_default());
}

fn named(ask: &mut Ask<'_>, name: &str) {
    let resource = resource(ask, name);
    ask.wants.on(resource);
}

fn resource(ask: &Ask<'_>, name: &str) -> Resource {
    let (view, scope) = (ask.service.cell.snapshot(), &ask.call.scope);
    let Reference { name, .. } = Reference::parse(scope, name);
    match find::parameter(&view, scope, &name) {
        Ok(found) => Resource::new(found.arn()).tagged(&found.tags),
        Err(_) if public::is_meant_by(&name) => published(scope, &name),
        Err(_) => Resource::new(Parameter::arn_of(scope, &name)),
    }
}

/// AWS: what it publishes belongs to no account.
fn published(scope: &Scope, name: &str) -> Resource {
    let Scope { partition, region, .. } = scope;
    Resource::new(format_args!("arn:{partition}:ssm:{region}::parameter{name}"))
}

/// A level of the hierarchy. A parameter of the same name is something else: its tags say nothing of what is below.
///
/// DEVIATES: to GetParametersByPath, `/a/` and `/a` are the same, and so they are to policies here: `parameter/a`.
fn below(ask: &mut Ask<'_>, path: &str) {
    let scope = &ask.call.scope;
    ask.wants.on(match public::is_meant_by(path) {
        true => published(scope, level(path)),
        false => Resource::new(Parameter::arn_of(scope, level(path))),
    });
}

/// AWS: tags that a parameter is made with want their own permission.
fn tagged(ask: &mut Ask<'_>, name: &Option<String>, given: &Option<Vec<api::Tag>>) {
    let brought = pairs(given);
    if !brought.is_empty() {
        let mut keys = Keys::new();
        keys.request_tags(brought);
        let parameter = resource(ask, name.as_deref().unwrap_or_default());
        ask.wants.also("ssm:AddTagsToResource", parameter, keys);
    }
}

/// A parameter with its value, which may be under a key.
fn value(ask: &mut Ask<'_>, name: &str, decrypt: Option<bool>) {
    named(ask, name);
    let (view, scope) = (ask.service.cell.snapshot(), ask.call.scope.clone());
    let found = find::reference(&view, &scope, &Reference::parse(&scope, name));
    let (Some(true), Ok(found)) = (decrypt, found) else { return };
    decrypting(ask, &view, [found.version]);
}

/// All keys that values below a path are under, whichever of them the page will show.
fn keys_below(ask: &mut Ask<'_>, path: &str, recursive: bool) {
    let (view, scope) = (ask.service.cell.snapshot(), ask.call.scope.clone());
    let below = find::below(&view, &scope, path, recursive);
    decrypting(ask, &view, below.flat_map(|parameter| find::versions(&view, parameter)));
}

fn keys_of_history(ask: &mut Ask<'_>, name: &str) {
    let (view, scope) = (ask.service.cell.snapshot(), ask.call.scope.clone());
    let Reference { name, .. } = Reference::parse(&scope, name);
    if let Ok(parameter) = find::parameter(&view, &scope, &name) {
        decrypting(ask, &view, find::versions(&view, parameter));
    }
}

/// Each key once for each parameter.
fn decrypting<'v>(
    ask: &mut Ask<'_>,
    view: &'v impl View,
    versions: impl IntoIterator<Item = &'v ParameterVersion>,
) {
    let sealed = versions.into_iter().filter_map(|version| match &version.value {
        ParameterValue::Secure(sealed) => {
            Some((&version.name, key_of(view, &version.scope, sealed)?))
        }
        ParameterValue::Plain(_) => None,
    });
    let keys: BTreeMap<_, _> = sealed.map(|(name, key)| ((name, key.id), key)).collect();
    for ((name, _), key) in keys {
        with_key(ask, view, "kms:Decrypt", key, name);
    }
}

/// AWS: an advanced parameter's value is under a data key of its own.
fn encrypting(
    ask: &mut Ask<'_>,
    name: &Option<String>,
    key: &Option<String>,
    tier: &Option<api::ParameterTier>,
) {
    let (view, scope) = (ask.service.cell.snapshot(), ask.call.scope.clone());
    let Reference { name, .. } = Reference::parse(&scope, name.as_deref().unwrap_or_default());
    let is_advanced =
        matches!(tier, Some(api::ParameterTier::Advanced)) || is_advanced(&view, &scope, &name);
    let action = if is_advanced { "kms:GenerateDataKey" } else { "kms:Encrypt" };
    let key = key.as_deref().and_then(|key| find_key(&view, &scope, key).ok());
    if let Some(key) = key {
        with_key(ask, &view, action, key, &name);
    }
}

fn is_advanced(view: &impl View, scope: &Scope, name: &str) -> bool {
    let known = find::parameter(view, scope, name);
    let version = known.and_then(|known| find::number(view, known, known.latest));
    version.is_ok_and(|version| version.tier == Tier::Advanced)
}

fn with_key(ask: &mut Ask<'_>, view: &impl View, action: &'static str, key: &Key, parameter: &str) {
    if KeyOfService::ParameterStore.is(view, key) {
        return;
    }
    let Scope { account, region, .. } = &key.scope;
    let mut keys = Keys::new()
        .with("kms:CallerAccount", account.to_string())
        .with("kms:ViaService", format!("ssm.{region}.amazonaws.com"));
    let arn = Parameter::arn_of(&key.scope, parameter);
    for (name, value) in context_told([(PARAMETER_ARN, &*arn)]) {
        keys.insert(name, value);
    }
    ask.wants.also(action, key_resource(key), keys);
}

fn tags(ask: &mut Ask<'_>, given: &Option<Vec<api::Tag>>) {
    ask.wants.request_tags(pairs(given));
}

fn pairs(given: &Option<Vec<api::Tag>>) -> Tags {
    let given = given.iter().flatten();
    given
        .map(|tag| (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default()))
        .collect()
}
