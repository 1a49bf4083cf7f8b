//! Tags, as IAM takes, checks and shows them.
//!
//! AWS: unlike other services', keys differ by more than case. One that is given again in another case replaces the
//! tag and its spelling.

use std::collections::BTreeSet;

use berth_aws_api::iam as api;
use berth_control::tags;
use berth_model::Tags;

/// What a request's tags are, added to those that are there.
pub fn add(existing: &Tags, given: Option<Vec<api::Tag>>) -> Result<Tags, api::Error> {
    let given: Vec<(String, String)> = given
        .into_iter()
        .flatten()
        .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
        .collect();
    let folded: BTreeSet<String> = given.iter().map(|(key, _)| fold(key)).collect();
    if folded.len() < given.len() {
        return Err(api::Error::invalid_input(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ));
    }
    let others = existing.iter().filter(|(key, _)| !folded.contains(&fold(key)));
    let others: Tags = others.map(|(key, value)| (key.clone(), value.clone())).collect();
    tags::add(&others, given).map_err(|violation| match violation {
        tags::TagViolation::TooMany(_) => api::Error::limit_exceeded(violation.to_string()),
        _ => api::Error::invalid_input(violation.to_string()),
    })
}

pub fn new(given: Option<Vec<api::Tag>>) -> Result<Tags, api::Error> {
    add(&Tags::new(), given)
}

/// What is left without these keys.
pub fn without(existing: &Tags, keys: &[String]) -> Tags {
    let keys: BTreeSet<String> = keys.iter().map(|key| fold(key)).collect();
    let left = existing.iter().filter(|(key, _)| !keys.contains(&fold(key)));
    left.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn fold(key: &str) -> String {
    key.to_lowercase()
}

/// `None` where there are none, as AWS leaves them out.
pub fn render(tags: &Tags) -> Option<Vec<api::Tag>> {
    (!tags.is_empty()).then(|| listed(tags).map(|(_, tag)| tag).collect())
}

/// Each with what a listing goes on from.
pub fn listed(tags: &Tags) -> impl Iterator<Item = (String, api::Tag)> {
    tags.iter().map(|(key, value)| {
        (key.clone(), api::Tag { key: Some(key.clone()), value: Some(value.clone()) })
    })
}
