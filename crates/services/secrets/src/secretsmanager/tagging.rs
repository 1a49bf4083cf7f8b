//! Tags, as Secrets Manager takes and shows them.

use berth_aws_api::secretsmanager as api;
use berth_control::tags;
use berth_model::Tags;

use super::refusals::invalid;

/// What a request's tags are, added to those that are there.
pub fn add(existing: &Tags, given: Option<Vec<api::Tag>>) -> Result<Tags, api::Error> {
    let given = given.into_iter().flatten();
    let given = given.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    tags::add(existing, given).map_err(|violation| invalid(violation.to_string()))
}

/// `None` where there are none, as AWS leaves them out.
pub fn render(tags: &Tags) -> Option<Vec<api::Tag>> {
    let tag = |(key, value): (&String, &String)| api::Tag {
        key: Some(key.clone()),
        value: Some(value.clone()),
    };
    (!tags.is_empty()).then(|| tags.iter().map(tag).collect())
}
