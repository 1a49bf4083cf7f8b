//! Tags, as ACM takes and shows them.

use berth_aws_api::acm as api;
use berth_control::cell::Transaction;
use berth_control::tags::{self, TagViolation};
use berth_model::{Scope, Tags};

use super::find;
use crate::tables::Certificate;

/// What a request's tags are, added to those that are there.
pub fn add(existing: &Tags, given: Option<Vec<api::Tag>>) -> Result<Tags, api::Error> {
    tags::add(existing, pairs(given)).map_err(|violation| match violation {
        TagViolation::TooMany(_) => api::Error::too_many_tags(violation.to_string()),
        other => api::Error::invalid_tag(other.to_string()),
    })
}

pub fn pairs(given: Option<Vec<api::Tag>>) -> impl Iterator<Item = (String, String)> {
    let given = given.into_iter().flatten();
    given.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
}

pub fn render(tags: &Tags) -> Vec<api::Tag> {
    let tag = |(key, value): (&String, &String)| api::Tag {
        key: Some(key.clone()),
        value: Some(value.clone()),
    };
    tags.iter().map(tag).collect()
}

/// Changes the tags of the certificate that an ARN names.
pub fn change(
    tx: &mut Transaction,
    scope: &Scope,
    arn: Option<&str>,
    change: impl FnOnce(&Tags) -> Result<Tags, api::Error>,
) -> Result<(), api::Error> {
    let row = find::certificate(tx, scope, arn)?.clone();
    let tags = change(&row.tags)?;
    tx.put(Certificate { tags, ..row });
    Ok(())
}
