//! Tags, as ELB takes and shows them.

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::tables::View;
use berth_control::tags::{self, TagViolation};
use berth_model::{Scope, Tags};

use crate::find::{self, Thing};
use crate::tables::{Listener, LoadBalancer, Rule, TargetGroup, TrustStore};

/// What a request's tags are, added to those that are there.
pub fn add(existing: &Tags, given: Option<Vec<api::Tag>>) -> Result<Tags, api::Error> {
    tags::add(existing, pairs(given)).map_err(|violation| match violation {
        TagViolation::Duplicate(key) => {
            api::Error::duplicate_tag_keys(format!("Tag key '{key}' is specified more than once"))
        }
        TagViolation::TooMany(_) => api::Error::too_many_tags(violation.to_string()),
        other => api::Error::validation(other.to_string()),
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

/// Changes the tags of whatever an ARN names.
pub fn change(
    tx: &mut Transaction,
    scope: &Scope,
    arn: &str,
    change: impl FnOnce(&Tags) -> Result<Tags, api::Error>,
) -> Result<(), api::Error> {
    match find::anything(tx, scope, arn)? {
        Thing::LoadBalancer(row) => {
            let tags = change(&row.tags)?;
            tx.put(LoadBalancer { tags, ..row.clone() });
        }
        Thing::TargetGroup(row) => {
            let tags = change(&row.tags)?;
            tx.put(TargetGroup { tags, ..row.clone() });
        }
        Thing::Listener(row) => {
            let tags = change(&row.tags)?;
            tx.put(Listener { tags, ..row.clone() });
        }
        Thing::Rule(row) => {
            let tags = change(&row.tags)?;
            tx.put(Rule { tags, ..row.clone() });
        }
        Thing::TrustStore(row) => {
            let tags = change(&row.tags)?;
            tx.put(TrustStore { tags, ..row.clone() });
        }
        Thing::DefaultRule => {
            return Err(api::Error::validation("The default rule of a listener has no tags"));
        }
    }
    Ok(())
}

/// The tags of whatever an ARN names.
pub fn of(view: &impl View, scope: &Scope, arn: &str) -> Result<Tags, api::Error> {
    Ok(match find::anything(view, scope, arn)? {
        Thing::LoadBalancer(row) => row.tags.clone(),
        Thing::TargetGroup(row) => row.tags.clone(),
        Thing::Listener(row) => row.tags.clone(),
        Thing::Rule(row) => row.tags.clone(),
        Thing::TrustStore(row) => row.tags.clone(),
        Thing::DefaultRule => Tags::new(),
    })
}
