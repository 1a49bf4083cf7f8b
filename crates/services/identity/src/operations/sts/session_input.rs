//! What callers say of the session that they want, checked.

use std::collections::BTreeSet;
use std::time::Duration;

use berth_aws_api::sts as api;
use berth_control::pipeline::{Call, CommonError, Failure};
use berth_control::tables::View;
use berth_control::tags;
use berth_iam_policy::{Document, Kind};
use berth_model::{Tags, Timestamp};

use crate::managed;
use crate::sessions::Issued;
use crate::tables::Account;

/// AWS: sessions of roles, and of whoever federates or wants a token.
pub const SHORTEST: i32 = 900;
pub const DEFAULT: i32 = 3600;
/// AWS: a role that was assumed from a role, and whatever the account's own key begins.
pub const AN_HOUR: i32 = 3600;

/// AWS: policies that are given as texts, and those that are named.
const LONGEST_POLICY: usize = 2048;
const MOST_POLICIES: usize = 10;

/// The policies that limit a session.
#[derive(Debug, Default, PartialEq)]
pub struct Limits {
    pub policies: Vec<String>,
    pub policy_arns: Vec<String>,
    /// In percent of what fits.
    pub packed: Option<i32>,
}

pub fn limits(
    view: &impl View,
    account: Account,
    policy: Option<String>,
    policy_arns: Option<Vec<api::PolicyDescriptorType>>,
) -> Result<Limits, Failure<api::Error>> {
    let arns: Vec<String> =
        policy_arns.into_iter().flatten().filter_map(|policy| policy.arn).collect();
    if arns.len() > MOST_POLICIES {
        let message = format!("At most {MOST_POLICIES} managed session policies are possible.");
        return Err(api::Error::packed_policy_too_large(message).into());
    }
    for arn in &arns {
        if managed::find(view, account, arn).is_none() {
            return Err(invalid(format!("PolicyArn {arn} is not valid: there is no such policy.")));
        }
    }
    if let Some(text) = &policy {
        Document::parse(text, Kind::Identity)
            .map_err(|bad| api::Error::malformed_policy_document(bad.to_string()))?;
    }
    let size = policy.as_ref().map_or(0, |text| Document::size(text));
    if size > LONGEST_POLICY {
        let message = format!("The session policy has {size} characters; {LONGEST_POLICY} fit.");
        return Err(api::Error::packed_policy_too_large(message).into());
    }
    let given = policy.is_some() || !arns.is_empty();
    let percent = i32::try_from((size * 100).div_ceil(LONGEST_POLICY)).unwrap_or(100);
    Ok(Limits {
        policies: policy.into_iter().collect(),
        policy_arns: arns,
        packed: given.then_some(percent),
    })
}

/// What there is no counterpart of here.
pub fn refuse(parameters: &[(&str, bool)]) -> Result<(), Failure<api::Error>> {
    match parameters.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((name, _)) => {
            Err(invalid(format!("{name} is not supported by this version of Berth; leave it out.")))
        }
    }
}

pub fn duration(
    given: Option<i32>,
    default: i32,
    longest: i32,
    too_long: &str,
) -> Result<Duration, Failure<api::Error>> {
    let seconds = given.unwrap_or(default.min(longest));
    if seconds > longest {
        return Err(invalid(too_long.to_owned()));
    }
    let seconds = u64::try_from(seconds).ok().filter(|_| seconds >= SHORTEST);
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| invalid(format!("DurationSeconds must be at least {SHORTEST}.")))
}

/// The tags of a new session: those that the caller's session hands on, then those that are given.
pub fn session_tags(
    given: Option<Vec<api::Tag>>,
    transitive: Option<Vec<String>>,
    inherited: (&Tags, &[String]),
) -> Result<(Tags, Vec<String>), Failure<api::Error>> {
    let pairs = given.into_iter().flatten();
    let pairs = pairs.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    let mut all = tags::add(&Tags::new(), pairs).map_err(|bad| invalid(bad.to_string()))?;
    let mut handed_on: BTreeSet<String> = transitive.into_iter().flatten().collect();
    if let Some(key) = handed_on.iter().find(|key| !all.contains_key(*key)) {
        return Err(invalid(format!(
            "The transitive tag key {key} is not one of the session's tags."
        )));
    }
    let (tags, keys) = inherited;
    for key in keys {
        let Some(value) = tags.get(key) else { continue };
        // AWS: what was handed on cannot be given another value.
        if all.keys().any(|known| known.eq_ignore_ascii_case(key)) {
            return Err(invalid(format!(
                "The tag {key} was handed on to this session and cannot be changed."
            )));
        }
        all.insert(key.clone(), value.clone());
        handed_on.insert(key.clone());
    }
    Ok((all, handed_on.into_iter().collect()))
}

pub fn credentials(issued: Issued) -> api::Credentials {
    api::Credentials {
        access_key_id: Some(issued.access_key_id),
        secret_access_key: Some(issued.secret_access_key),
        session_token: Some(issued.session_token),
        expiration: Some(Timestamp::from_millis(issued.expires_at.as_millis() / 1000 * 1000)),
    }
}

pub fn invalid(message: String) -> Failure<api::Error> {
    Failure::common(CommonError::Invalid { code: "ValidationError", message })
}

pub fn denied(message: String) -> Failure<api::Error> {
    Failure::common(CommonError::AccessDenied(message))
}

/// AWS: a role that there is not, and one that does not let the caller in, are told in the same words.
pub fn may_not_assume(call: &Call, action: &str, arn: &str) -> Failure<api::Error> {
    let who = call.principal_arn();
    denied(format!("User: {who} is not authorized to perform: {action} on resource: {arn}"))
}
