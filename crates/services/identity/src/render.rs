//! Records as the API shows them.

use berth_aws_api::iam as api;
use berth_control::tables::View;

use crate::entity::Entity;
use crate::holder::Holder;
use crate::managed::{self, Managed};
use crate::tables::{AccessKey, Account, Group, InstanceProfile, LastUse, PolicyText, Role, User};
use crate::{documents, tagging, trust};

/// AWS: listings leave out tags, boundary and last use; only getting one shows them.
pub fn user_briefly(user: &User) -> api::User {
    let about = user.about();
    api::User {
        path: Some(about.path.clone()),
        user_name: Some(about.name.clone()),
        user_id: Some(about.id.to_string()),
        arn: Some(user.arn()),
        create_date: Some(about.created_at),
        ..api::User::default()
    }
}

pub fn user(view: &impl View, user: &User) -> api::User {
    api::User {
        permissions_boundary: boundary(view, user),
        tags: tagging::render(&user.about.tags),
        ..user_briefly(user)
    }
}

pub fn group(group: &Group) -> api::Group {
    let about = group.about();
    api::Group {
        path: Some(about.path.clone()),
        group_name: Some(about.name.clone()),
        group_id: Some(about.id.to_string()),
        arn: Some(group.arn()),
        create_date: Some(about.created_at),
    }
}

pub fn role_briefly(view: &impl View, role: &Role) -> api::Role {
    let about = role.about();
    api::Role {
        path: Some(about.path.clone()),
        role_name: Some(about.name.clone()),
        role_id: Some(about.id.to_string()),
        arn: Some(role.arn()),
        create_date: Some(about.created_at),
        assume_role_policy_document: Some(trust_policy(view, role)),
        description: role.description.clone(),
        max_session_duration: i32::try_from(role.max_session_seconds).ok(),
        ..api::Role::default()
    }
}

pub fn role(view: &impl View, role: &Role) -> api::Role {
    api::Role {
        permissions_boundary: boundary(view, role),
        tags: tagging::render(&role.about.tags),
        role_last_used: Some(role_last_used(view, role)),
        ..role_briefly(view, role)
    }
}

pub fn trust_policy(view: &impl View, role: &Role) -> String {
    documents::render(&trust::written(view, role.about.account, &role.trust))
}

pub fn role_last_used(view: &impl View, role: &Role) -> api::RoleLastUsed {
    let used = view.get::<LastUse>(&role.about.id.to_string());
    used.map_or_else(api::RoleLastUsed::default, |used| api::RoleLastUsed {
        last_used_date: Some(used.at),
        region: Some(used.region.to_string()),
    })
}

/// The boundary of a user or a role.
pub fn boundary<H: Holder>(
    view: &impl View,
    holder: &H,
) -> Option<api::AttachedPermissionsBoundary> {
    let account = holder.about().account;
    let policy = managed::by_ref(view, account, holder.permissions().boundary.as_ref()?)?;
    Some(api::AttachedPermissionsBoundary {
        permissions_boundary_type: Some(
            api::PermissionsBoundaryAttachmentType::PermissionsBoundaryPolicy,
        ),
        permissions_boundary_arn: Some(policy.arn(account)),
    })
}

/// AWS: a listing leaves out tags and description.
pub fn policy_briefly(view: &impl View, account: Account, policy: Managed<'_>) -> api::Policy {
    let (id, created_at, updated_at) = match policy {
        Managed::Customer(policy) => (&policy.about.id, policy.about.created_at, policy.updated_at),
        Managed::Aws(policy) => (&policy.id, policy.created_at, policy.updated_at),
    };
    api::Policy {
        policy_name: Some(policy.name().to_owned()),
        policy_id: Some(id.to_string()),
        arn: Some(policy.arn(account)),
        path: Some(policy.path().to_owned()),
        default_version_id: Some(version_id(policy.default_version())),
        attachment_count: Some(shown(policy.attachments(view, account))),
        permissions_boundary_usage_count: Some(shown(policy.boundaries(view, account))),
        is_attachable: Some(true),
        create_date: Some(created_at),
        update_date: Some(updated_at),
        ..api::Policy::default()
    }
}

pub fn policy(view: &impl View, account: Account, policy: Managed<'_>) -> api::Policy {
    let (description, tags) = match policy {
        Managed::Customer(policy) => {
            (policy.description.clone(), tagging::render(&policy.about.tags))
        }
        Managed::Aws(_) => (None, None),
    };
    api::Policy { description, tags, ..policy_briefly(view, account, policy) }
}

pub fn version_id(number: u32) -> String {
    format!("v{number}")
}

/// A version of a managed policy. AWS: a listing leaves out the documents.
pub fn policy_version(
    policy: Managed<'_>,
    (number, document, created_at): (u32, &PolicyText, berth_model::Timestamp),
) -> api::PolicyVersion {
    api::PolicyVersion {
        document: Some(documents::render(document)),
        version_id: Some(version_id(number)),
        is_default_version: Some(number == policy.default_version()),
        create_date: Some(created_at),
    }
}

pub fn instance_profile_briefly(
    view: &impl View,
    profile: &InstanceProfile,
) -> api::InstanceProfile {
    let about = profile.about();
    let role = profile.role.clone().and_then(|role| view.get::<Role>(&(about.account, role)));
    api::InstanceProfile {
        path: Some(about.path.clone()),
        instance_profile_name: Some(about.name.clone()),
        instance_profile_id: Some(about.id.to_string()),
        arn: Some(profile.arn()),
        create_date: Some(about.created_at),
        roles: Some(role.map(|role| role_briefly(view, role)).into_iter().collect()),
        tags: None,
    }
}

pub fn instance_profile(view: &impl View, profile: &InstanceProfile) -> api::InstanceProfile {
    let tags = tagging::render(&profile.about.tags);
    api::InstanceProfile { tags, ..instance_profile_briefly(view, profile) }
}

pub fn access_key_status(key: &AccessKey) -> api::StatusType {
    if key.is_active { api::StatusType::Active } else { api::StatusType::Inactive }
}

/// AWS's counts are `int`s, and no account has so many of anything.
pub fn shown(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
