//! A new version of a parameter, or a new parameter: what is checked, and in which order.

use std::collections::BTreeSet;

use berth_aws_api::ssm as api;
use berth_control::cell::Transaction;
use berth_control::env::Env;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;
use berth_model::Tags;
use regex::Regex;

use super::names::{self, Reference};
use super::{find, invalid, tagging, values};
use crate::keys::{KeyOfService, Vault, key_or_default};
use crate::tables::{Parameter, ParameterKind, ParameterValue, ParameterVersion, Tier};

/// AWS: versions that are kept of each.
const KEPT: u64 = 100;
const LONGEST_STANDARD: usize = 4096;
const LONGEST_ADVANCED: usize = 8192;

/// A request in our own words, as far as it can be judged without looking.
pub struct Wanted {
    name: String,
    value: String,
    kind: Option<ParameterKind>,
    key_name: Option<String>,
    overwrite: bool,
    tier: Option<api::ParameterTier>,
    tags: Option<Tags>,
    description: Option<String>,
    allowed_pattern: Option<String>,
}

impl Wanted {
    pub fn of(call: &Call, input: api::PutParameterRequest) -> Result<Self, Failure<api::Error>> {
        let Reference { name, selector } =
            Reference::parse(&call.scope, &input.name.unwrap_or_default());
        let given = match selector {
            Some(selector) => format!("{name}{}", selector.render()),
            None => name.clone(),
        };
        names::check_new(&call.scope, &given)?;
        let value = input.value.unwrap_or_default();
        if value.is_empty() {
            return Err(invalid(
                "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length \
                 greater than or equal to 1",
            ));
        }
        let overwrite = input.overwrite == Some(true);
        let tags = input.tags.filter(|tags| !tags.is_empty());
        if overwrite && tags.is_some() {
            return Err(invalid(
                "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please \
                 remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
                 RemoveTagsFromResource.",
            ));
        }
        let kind = input.r#type.map(|kind| parse_kind(&kind)).transpose()?;
        if input.key_id.is_some() && kind.is_some_and(|kind| kind != ParameterKind::Secure) {
            return Err(invalid("KeyId is required for SecureString type parameter only."));
        }
        let allowed_pattern = input.allowed_pattern.filter(|pattern| !pattern.is_empty());
        matches_pattern(&value, allowed_pattern.as_deref())?;
        no_policies(input.policies)?;
        text_only(input.data_type)?;
        Ok(Wanted {
            name,
            value,
            kind,
            key_name: input.key_id,
            overwrite,
            tier: input.tier,
            tags: tags.map(|tags| tagging::add(&Tags::new(), Some(tags))).transpose()?,
            description: input.description,
            allowed_pattern,
        })
    }
}

/// Puts it. The version, and the tier that it got.
pub fn put(
    tx: &mut Transaction,
    vault: &Vault,
    env: &Env,
    call: &Call,
    wanted: Wanted,
) -> Result<(u64, Tier), Failure<api::Error>> {
    let known = find::parameter(tx, &call.scope, &wanted.name).ok().cloned();
    let before = known.as_ref().and_then(|known| find::number(tx, known, known.latest).ok());
    let before = before.map(|version| version.tier);
    let tier = tier(wanted.tier, wanted.value.len(), before)?;
    let parameter = match known {
        Some(_) if !wanted.overwrite => {
            return Err(api::Error::parameter_already_exists(
                "The parameter already exists. To overwrite this value, set the overwrite option in the request to \
                 true.",
            )
            .into());
        }
        Some(known) => {
            if wanted.kind.is_some_and(|kind| kind != known.kind) {
                return Err(api::Error::hierarchy_type_mismatch(
                    "Parameter Store doesn't support changing the type of a parameter. You must create a new, unique \
                     parameter.",
                )
                .into());
            }
            Parameter { latest: known.latest + 1, ..known }
        }
        None => Parameter {
            scope: call.scope.clone(),
            name: wanted.name,
            kind: wanted.kind.ok_or_else(|| {
                invalid("A parameter type is required when you create a parameter.")
            })?,
            latest: 1,
            tags: wanted.tags.unwrap_or_default(),
        },
    };
    make_room(tx, &parameter)?;
    let own = KeyOfService::ParameterStore;
    let (value, key_name) = match parameter.kind {
        ParameterKind::Text | ParameterKind::List => (ParameterValue::Plain(wanted.value), None),
        ParameterKind::Secure => {
            let name = wanted.key_name.as_deref();
            let key = key_or_default(tx, vault, env, &call.scope, name, own);
            let key = key.map_err(values::refused)?;
            let context = values::context(parameter.arn());
            let sealed = vault.seal_under(&key, &context, wanted.value.as_bytes());
            let sealed = sealed.map_err(values::refused)?;
            let key_name = wanted.key_name.unwrap_or_else(|| own.alias().to_owned());
            (ParameterValue::Secure(sealed.into()), Some(key_name))
        }
    };
    let number = parameter.latest;
    tx.put(ParameterVersion {
        scope: call.scope.clone(),
        name: parameter.name.clone(),
        number,
        value,
        tier,
        data_type: TEXT.to_owned(),
        modified_at: call.now,
        modified_by: call.principal_arn(),
        description: wanted.description.filter(|text| !text.is_empty()),
        allowed_pattern: wanted.allowed_pattern,
        key_name,
        labels: BTreeSet::new(),
    });
    tx.put(parameter);
    Ok((number, tier))
}

/// AWS: the oldest version goes, unless somebody has given it a label.
fn make_room(tx: &mut Transaction, parameter: &Parameter) -> Result<(), api::Error> {
    let Some(oldest) = find::versions(tx, parameter).next().cloned() else { return Ok(()) };
    // With the one that is to come.
    if parameter.latest - oldest.number < KEPT {
        return Ok(());
    }
    if !oldest.labels.is_empty() {
        return Err(api::Error::parameter_max_version_limit_exceeded(format!(
            "You attempted to create a new version of {} by calling the PutParameter API with the overwrite flag. \
             Version {}, the oldest version, can't be deleted because it has a label associated with it. Move the \
             label to another version of the parameter, and try again.",
            parameter.name, oldest.number
        )));
    }
    tx.delete::<ParameterVersion>(&oldest.key());
    Ok(())
}

/// AWS: an advanced parameter stays one; Intelligent-Tiering takes the cheaper one that will do.
fn tier(
    wanted: Option<api::ParameterTier>,
    length: usize,
    before: Option<Tier>,
) -> Result<Tier, Failure<api::Error>> {
    let tier = match (wanted, before) {
        (Some(api::ParameterTier::Advanced), _) => Tier::Advanced,
        (Some(api::ParameterTier::IntelligentTiering), _) if length > LONGEST_STANDARD => {
            Tier::Advanced
        }
        (Some(api::ParameterTier::Standard), Some(Tier::Advanced)) => {
            return Err(invalid(
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the \
                 advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced \
                 parameter and recreate it as a standard parameter.",
            ));
        }
        (_, before) => before.unwrap_or(Tier::Standard),
    };
    let (name, most) = match tier {
        Tier::Standard => ("Standard", LONGEST_STANDARD),
        Tier::Advanced => ("Advanced", LONGEST_ADVANCED),
    };
    match length > most {
        true => Err(invalid(format!(
            "{name} tier parameters support a maximum parameter value of {most} characters."
        ))),
        false => Ok(tier),
    }
}

fn parse_kind(kind: &api::ParameterType) -> Result<ParameterKind, api::Error> {
    match kind {
        api::ParameterType::String => Ok(ParameterKind::Text),
        api::ParameterType::StringList => Ok(ParameterKind::List),
        api::ParameterType::SecureString => Ok(ParameterKind::Secure),
        other => Err(api::Error::unsupported_parameter_type(format!(
            "The parameter type {} is not supported.",
            other.as_str()
        ))),
    }
}

/// The whole value must be what the pattern says.
fn matches_pattern(value: &str, pattern: Option<&str>) -> Result<(), api::Error> {
    let Some(pattern) = pattern else { return Ok(()) };
    let regex = Regex::new(&format!("^(?:{pattern})$")).map_err(|_| {
        api::Error::invalid_allowed_pattern(format!(
            "The request does not meet the regular expression requirement: {pattern} is none."
        ))
    })?;
    match regex.is_match(value) {
        true => Ok(()),
        false => Err(api::Error::parameter_pattern_mismatch(format!(
            "Parameter value, cannot be validated against allowedPattern: {pattern}"
        ))),
    }
}

/// DEVIATES: parameter policies (expiration and its notifications) are refused; an empty list of them is none.
fn no_policies(policies: Option<String>) -> Result<(), api::Error> {
    let none = ["", "[]", "{}", "[{}]"];
    let given = policies.unwrap_or_default();
    match none.contains(&given.trim()) {
        true => Ok(()),
        false => Err(api::Error::invalid_policy_type("Parameter policies are not supported.")),
    }
}

pub const TEXT: &str = "text";

/// DEVIATES: values are of data type `text`: there are no images to check `aws:ec2:image` against.
fn text_only(data_type: Option<String>) -> Result<(), Failure<api::Error>> {
    match data_type.as_deref() {
        None | Some("" | TEXT) => Ok(()),
        Some(other) => Err(invalid(format!(
            "The following data type is not supported: {other} (Data type names are all lowercase.)"
        ))),
    }
}
