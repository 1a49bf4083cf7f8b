//! Tags as callers give them, checked by the rules that all of AWS shares.

use berth_aws_api::ecs as api;
use berth_control::tags;
use berth_model::Tags;

/// The tags of something new.
pub fn new_tags(given: Option<Vec<api::Tag>>) -> Result<Tags, api::Error> {
    with_tags(&Tags::new(), given.unwrap_or_default())
}

/// The tags of something that had some already: new ones are added, known keys get their new values.
pub fn with_tags(existing: &Tags, given: Vec<api::Tag>) -> Result<Tags, api::Error> {
    let pairs =
        given.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    tags::add(existing, pairs)
        .map_err(|violation| api::Error::invalid_parameter(violation.to_string()))
}

/// The tags without those of these keys. A key that is not there is no mistake.
pub fn without_tags(existing: &Tags, keys: &[String]) -> Result<Tags, api::Error> {
    if let Some(key) = keys.iter().find(|key| is_reserved(key)) {
        return Err(api::Error::invalid_parameter(format!(
            "The tag `{key}` is AWS's own and cannot be taken away."
        )));
    }
    let mut tags = existing.clone();
    for key in keys {
        tags.remove(key);
    }
    Ok(tags)
}

fn is_reserved(key: &str) -> bool {
    key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}
