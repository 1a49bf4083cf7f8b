//! Finds parameters and their versions.

use berth_aws_api::ssm as api;
use berth_control::cell::Transaction;
use berth_control::tables::{Record, View};
use berth_model::Scope;

use super::filters;
use super::names::{Reference, Selector, level};
use crate::tables::{Parameter, ParameterVersion};

/// A parameter with the version that was meant.
#[derive(Clone, Copy)]
pub struct Found<'v> {
    pub parameter: &'v Parameter,
    pub version: &'v ParameterVersion,
}

pub fn parameter<'v>(
    view: &'v impl View,
    scope: &Scope,
    name: &str,
) -> Result<&'v Parameter, api::Error> {
    let of = |name: String| view.get::<Parameter>(&(scope.clone(), name));
    // Both spellings have the same ARN, so there is only one of them, and it is meant by either.
    let other = || match name.strip_prefix('/') {
        Some(rest) => rest.to_owned(),
        None => format!("/{name}"),
    };
    let found = of(name.to_owned()).or_else(|| of(other()));
    found.ok_or_else(|| api::Error::parameter_not_found(format!("Parameter {name} not found.")))
}

pub fn reference<'v>(
    view: &'v impl View,
    scope: &Scope,
    reference: &Reference,
) -> Result<Found<'v>, api::Error> {
    let parameter = parameter(view, scope, &reference.name)?;
    let version = match &reference.selector {
        None => number(view, parameter, parameter.latest),
        Some(Selector::Version(number)) => self::number(view, parameter, *number),
        Some(Selector::Label(label)) => labelled(view, parameter, label)
            .ok_or_else(|| no_version(&format!("label {label}"), &parameter.name)),
    };
    Ok(Found { parameter, version: version? })
}

pub fn number<'v>(
    view: &'v impl View,
    parameter: &Parameter,
    number: u64,
) -> Result<&'v ParameterVersion, api::Error> {
    let key = (parameter.scope.clone(), parameter.name.clone(), number);
    let found = view.get::<ParameterVersion>(&key);
    found.ok_or_else(|| no_version(&format!("version {number}"), &parameter.name))
}

pub fn labelled<'v>(
    view: &'v impl View,
    parameter: &Parameter,
    label: &str,
) -> Option<&'v ParameterVersion> {
    versions(view, parameter).find(|version| version.labels.contains(label))
}

/// All that are kept, oldest first.
pub fn versions<'v>(
    view: &'v impl View,
    parameter: &Parameter,
) -> impl DoubleEndedIterator<Item = &'v ParameterVersion> {
    let key = |number| (parameter.scope.clone(), parameter.name.clone(), number);
    view.table::<ParameterVersion>().range(key(0)..=key(u64::MAX))
}

/// What is on a level of a hierarchy, or anywhere below, in the order of names.
pub fn below<'v>(
    view: &'v impl View,
    scope: &Scope,
    path: &str,
    recursive: bool,
) -> impl Iterator<Item = &'v Parameter> {
    let first = format!("{}/", level(path));
    view.table::<Parameter>()
        .range((scope.clone(), first.clone())..)
        .take_while(move |found| found.scope == *scope && found.name.starts_with(&first))
        .filter(move |found| filters::is_below(found, path, recursive))
}

/// With all of its versions.
pub fn delete(tx: &mut Transaction, parameter: &Parameter) {
    let keys: Vec<_> = versions(tx, parameter).map(Record::key).collect();
    for key in keys {
        tx.delete::<ParameterVersion>(&key);
    }
    tx.delete::<Parameter>(&parameter.key());
}

fn no_version(what: &str, name: &str) -> api::Error {
    api::Error::parameter_version_not_found(format!(
        "Systems Manager could not find {what} of {name}. Verify the version and try again."
    ))
}
