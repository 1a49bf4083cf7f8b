//! ListEntitiesForPolicy: who holds a managed policy, and whom it bounds.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;

use crate::entity;
use crate::holder::Holder;
use crate::managed;
use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, Group, PolicyRef, Role, User};

enum Entry {
    Group(api::PolicyGroup),
    Role(api::PolicyRole),
    User(api::PolicyUser),
}

pub async fn list_entities_for_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListEntitiesForPolicyRequest,
) -> Result<api::ListEntitiesForPolicyResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.policy_arn.unwrap_or_default();
    let (kind, usage) = (input.entity_filter, input.policy_usage_filter);
    let prefix = input.path_prefix.unwrap_or_default();
    let filters = (&arn, &kind, &prefix, &usage);
    let paging = paging("ListEntitiesForPolicy", &filters, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let policy = (account, managed::expect(&view, account, &arn)?.policy_ref());
    let wants = |this: api::EntityType| kind.as_ref().is_none_or(|kind| *kind == this);
    let mut found = Vec::new();
    if wants(api::EntityType::Group) {
        found.extend(holders::<Group>(&view, &policy, usage.as_ref(), &prefix, |group| {
            Entry::Group(api::PolicyGroup {
                group_name: Some(group.about.name.clone()),
                group_id: Some(group.about.id.to_string()),
            })
        }));
    }
    if wants(api::EntityType::Role) {
        found.extend(holders::<Role>(&view, &policy, usage.as_ref(), &prefix, |role| {
            Entry::Role(api::PolicyRole {
                role_name: Some(role.about.name.clone()),
                role_id: Some(role.about.id.to_string()),
            })
        }));
    }
    if wants(api::EntityType::User) {
        found.extend(holders::<User>(&view, &policy, usage.as_ref(), &prefix, |user| {
            Entry::User(api::PolicyUser {
                user_name: Some(user.about.name.clone()),
                user_id: Some(user.about.id.to_string()),
            })
        }));
    }
    let page = paging.cut(found);
    let (mut groups, mut roles, mut users) = (Vec::new(), Vec::new(), Vec::new());
    for entry in page.items {
        match entry {
            Entry::Group(group) => groups.push(group),
            Entry::Role(role) => roles.push(role),
            Entry::User(user) => users.push(user),
        }
    }
    Ok(api::ListEntitiesForPolicyResponse {
        policy_groups: Some(groups),
        policy_roles: Some(roles),
        policy_users: Some(users),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}

/// In the order of their names, each with what a listing goes on from: the kinds are in the order of the alphabet.
fn holders<'v, H: Holder>(
    view: &'v impl View,
    policy: &(Account, PolicyRef),
    usage: Option<&api::PolicyUsageType>,
    prefix: &str,
    entry: impl Fn(&'v H) -> Entry,
) -> Vec<(String, Entry)> {
    let by_policy = H::by_policy(view.table::<H>().indexes());
    let mut keys = Vec::new();
    if usage != Some(&api::PolicyUsageType::PermissionsBoundary) {
        keys.extend(by_policy.holders(policy));
    }
    if usage != Some(&api::PolicyUsageType::PermissionsPolicy) {
        keys.extend(by_policy.bounded(policy));
    }
    keys.sort();
    keys.dedup();
    entity::of::<H>(view, keys.into_iter())
        .filter(|(_, holder)| holder.about().path.starts_with(prefix))
        .map(|(name, holder)| (format!("{} {name}", H::LIMITS.noun), entry(holder)))
        .collect()
}
