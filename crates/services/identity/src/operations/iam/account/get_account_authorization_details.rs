//! GetAccountAuthorizationDetails: who there is, and what all of them hold.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::{Record, View};

use crate::entity::{self, Entity};
use crate::holder::{Holder, attached};
use crate::managed::{self, Managed};
use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, Group, InstanceProfile, Policy, Role, User};
use crate::{documents, render, tagging};

/// What a page may hold, in the order in which it comes.
enum Detail<'v> {
    User(&'v User),
    Group(&'v Group),
    Role(&'v Role),
    Policy(Managed<'v>),
}

pub async fn get_account_authorization_details(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetAccountAuthorizationDetailsRequest,
) -> Result<api::GetAccountAuthorizationDetailsResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let filter = input.filter.unwrap_or_default();
    let operation = "GetAccountAuthorizationDetails";
    let paging = paging(operation, &filter, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let page = paging.cut(details(&view, account, &filter));
    let mut answer = api::GetAccountAuthorizationDetailsResponse {
        user_detail_list: Some(Vec::new()),
        group_detail_list: Some(Vec::new()),
        role_detail_list: Some(Vec::new()),
        policies: Some(Vec::new()),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    };
    for detail in page.items {
        match detail {
            Detail::User(row) => {
                answer.user_detail_list.get_or_insert_default().push(user(&view, row))
            }
            Detail::Group(row) => {
                answer.group_detail_list.get_or_insert_default().push(group(&view, row));
            }
            Detail::Role(row) => {
                answer.role_detail_list.get_or_insert_default().push(role(&view, row))
            }
            Detail::Policy(found) => {
                answer.policies.get_or_insert_default().push(policy(&view, account, found));
            }
        }
    }
    Ok(answer)
}

/// Each with what a listing goes on from.
fn details<'v>(
    view: &'v impl View,
    account: Account,
    filter: &[api::EntityType],
) -> Vec<(String, Detail<'v>)> {
    let wants = |kind: api::EntityType| filter.is_empty() || filter.contains(&kind);
    let mut found = Vec::new();
    if wants(api::EntityType::User) {
        let all = entity::all::<User>(view, account);
        found.extend(all.map(|(name, row)| (format!("0 {name}"), Detail::User(row))));
    }
    if wants(api::EntityType::Group) {
        let all = entity::all::<Group>(view, account);
        found.extend(all.map(|(name, row)| (format!("1 {name}"), Detail::Group(row))));
    }
    if wants(api::EntityType::Role) {
        let all = entity::all::<Role>(view, account);
        found.extend(all.map(|(name, row)| (format!("2 {name}"), Detail::Role(row))));
    }
    if wants(api::EntityType::LocalManagedPolicy) {
        let all = entity::all::<Policy>(view, account);
        let policy = |row| Detail::Policy(Managed::Customer(row));
        found.extend(all.map(|(name, row)| (format!("3 {name}"), policy(row))));
    }
    if wants(api::EntityType::AwsManagedPolicy) {
        let keyed = |policy: Managed<'v>| (format!("4 {}", policy.name()), Detail::Policy(policy));
        found.extend(managed::library().map(keyed));
    }
    found
}

fn user(view: &impl View, user: &User) -> api::UserDetail {
    let about = &user.about;
    let groups = user.groups.iter().map(|group| (about.account, group.clone()));
    let groups: Vec<_> = groups.collect();
    let groups = entity::of::<Group>(view, groups.iter());
    api::UserDetail {
        path: Some(about.path.clone()),
        user_name: Some(about.name.clone()),
        user_id: Some(about.id.to_string()),
        arn: Some(user.arn()),
        create_date: Some(about.created_at),
        user_policy_list: Some(inline(user)),
        group_list: Some(groups.map(|(_, group)| group.about.name.clone()).collect()),
        attached_managed_policies: Some(attached_policies(view, user)),
        permissions_boundary: render::boundary(view, user),
        tags: Some(tagging::render(&about.tags).unwrap_or_default()),
    }
}

fn group(view: &impl View, group: &Group) -> api::GroupDetail {
    let about = &group.about;
    api::GroupDetail {
        path: Some(about.path.clone()),
        group_name: Some(about.name.clone()),
        group_id: Some(about.id.to_string()),
        arn: Some(group.arn()),
        create_date: Some(about.created_at),
        group_policy_list: Some(inline(group)),
        attached_managed_policies: Some(attached_policies(view, group)),
    }
}

fn role(view: &impl View, role: &Role) -> api::RoleDetail {
    let about = &role.about;
    let profiles = view.table::<InstanceProfile>().indexes().by_role.get(&role.key());
    let profiles = entity::of::<InstanceProfile>(view, profiles);
    api::RoleDetail {
        path: Some(about.path.clone()),
        role_name: Some(about.name.clone()),
        role_id: Some(about.id.to_string()),
        arn: Some(role.arn()),
        create_date: Some(about.created_at),
        assume_role_policy_document: Some(render::trust_policy(view, role)),
        instance_profile_list: Some(
            profiles.map(|(_, profile)| render::instance_profile_briefly(view, profile)).collect(),
        ),
        role_policy_list: Some(inline(role)),
        attached_managed_policies: Some(attached_policies(view, role)),
        permissions_boundary: render::boundary(view, role),
        tags: Some(tagging::render(&about.tags).unwrap_or_default()),
        role_last_used: Some(render::role_last_used(view, role)),
    }
}

fn policy(view: &impl View, account: Account, policy: Managed<'_>) -> api::ManagedPolicyDetail {
    let shown = render::policy(view, account, policy);
    let versions = policy.versions().into_iter().rev();
    api::ManagedPolicyDetail {
        policy_name: shown.policy_name,
        policy_id: shown.policy_id,
        arn: shown.arn,
        path: shown.path,
        default_version_id: shown.default_version_id,
        attachment_count: shown.attachment_count,
        permissions_boundary_usage_count: shown.permissions_boundary_usage_count,
        is_attachable: shown.is_attachable,
        description: shown.description,
        create_date: shown.create_date,
        update_date: shown.update_date,
        policy_version_list: Some(
            versions.map(|version| render::policy_version(policy, version)).collect(),
        ),
    }
}

fn inline<H: Holder>(holder: &H) -> Vec<api::PolicyDetail> {
    let inline = holder.permissions().inline.iter();
    inline
        .map(|(name, policy)| api::PolicyDetail {
            policy_name: Some(name.clone()),
            policy_document: Some(documents::render(policy)),
        })
        .collect()
}

fn attached_policies<H: Holder>(view: &impl View, holder: &H) -> Vec<api::AttachedPolicy> {
    let attached = attached::list(view, holder.about().account, holder, "");
    attached.into_iter().map(|(_, policy)| policy).collect()
}
