//! Tags, as Parameter Store takes and shows them.

use berth_aws_api::ssm as api;
use berth_control::pipeline::Failure;
use berth_control::tables::View;
use berth_control::tags::{self, TagViolation};
use berth_model::{Scope, Tags};

use super::{find, invalid};
use crate::tables::Parameter;

pub fn add(existing: &Tags, given: Option<Vec<api::Tag>>) -> Result<Tags, Failure<api::Error>> {
    let pairs = given.into_iter().flatten();
    let pairs = pairs.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    tags::add(existing, pairs).map_err(|violation| match violation {
        TagViolation::TooMany(_) => api::Error::from(api::TooManyTagsError {}).into(),
        _ => invalid(violation.to_string()),
    })
}

pub fn render(tags: &Tags) -> Vec<api::Tag> {
    let render = |(key, value): (&String, &String)| api::Tag {
        key: Some(key.clone()),
        value: Some(value.clone()),
    };
    tags.iter().map(render).collect()
}

/// What a tagging call is about.
///
/// DEVIATES: of all that SSM can tag, parameters are tagged here.
pub fn tagged<'v>(
    view: &'v impl View,
    scope: &Scope,
    kind: &Option<api::ResourceTypeForTagging>,
    id: &str,
) -> Result<&'v Parameter, api::Error> {
    match kind {
        Some(api::ResourceTypeForTagging::Parameter) => {
            let found = find::parameter(view, scope, id);
            found.map_err(|_| api::InvalidResourceId {}.into())
        }
        _ => Err(api::InvalidResourceType {}.into()),
    }
}
