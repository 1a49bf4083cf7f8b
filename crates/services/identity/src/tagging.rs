//! Tags, as IAM takes, checks and shows them.

use berth_aws_api::iam as api;
use berth_control::tags;
use berth_model::Tags;

/// What a request's tags are, added to those that are there.
pub fn add(existing: &Tags, given: Option<Vec<api::Tag>>) -> Result<Tags, api::Error> {
    let given = given.unwrap_or_default();
    let pairs =
        given.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    tags::add(existing, pairs).map_err(|violation| match violation {
        tags::TagViolation::TooMany(_) => api::Error::limit_exceeded(violation.to_string()),
        _ => api::Error::invalid_input(violation.to_string()),
    })
}

pub fn new(given: Option<Vec<api::Tag>>) -> Result<Tags, api::Error> {
    add(&Tags::new(), given)
}

/// `None` where there are none, as AWS leaves them out.
pub fn render(tags: &Tags) -> Option<Vec<api::Tag>> {
    let render = |(key, value): (&String, &String)| api::Tag {
        key: Some(key.clone()),
        value: Some(value.clone()),
    };
    (!tags.is_empty()).then(|| tags.iter().map(render).collect())
}
