//! Tags, as KMS takes and shows them.

use berth_aws_api::kms as api;
use berth_control::tags::{self, TagViolation};
use berth_model::Tags;

pub fn new(given: Option<Vec<api::Tag>>) -> Result<Tags, api::Error> {
    add(&Tags::new(), given)
}

pub fn add(existing: &Tags, given: Option<Vec<api::Tag>>) -> Result<Tags, api::Error> {
    let pairs = given.into_iter().flatten();
    let pairs =
        pairs.map(|tag| (tag.tag_key.unwrap_or_default(), tag.tag_value.unwrap_or_default()));
    tags::add(existing, pairs).map_err(|violation| match violation {
        TagViolation::TooMany(_) => api::Error::limit_exceeded(violation.to_string()),
        _ => api::Error::tag(violation.to_string()),
    })
}

pub fn render(key: &str, value: &str) -> api::Tag {
    api::Tag { tag_key: Some(key.to_owned()), tag_value: Some(value.to_owned()) }
}
