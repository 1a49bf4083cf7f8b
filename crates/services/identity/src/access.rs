//! What each call of IAM and STS wants.
//!
//! AWS: the Service Authorization Reference, "AWS Identity and Access Management". Whoever is named is judged by the
//! ARN with its path; `words.rs` finds it.

mod words;

use berth_aws_api::iam::ops;
use berth_control::pipeline::access::AccessTable;

use crate::service::Identity;
use crate::tables::{Group, InstanceProfile, Policy, Role, User};
use words::*;

pub fn iam() -> AccessTable<Identity> {
    of_users()
        .and(of_groups())
        .and(of_roles())
        .and(of_policies())
        .and(of_instance_profiles())
        .and(of_providers())
        .and(of_account())
}

fn table() -> AccessTable<Identity> {
    AccessTable::new("iam")
}

fn of_users() -> AccessTable<Identity> {
    table()
        .operation::<ops::AttachUserPolicy>(|ask, input| {
            user(ask, &input.user_name);
            boundary_of::<User>(ask, &input.user_name);
            policy_arn_key(ask, &input.policy_arn);
        })
        .operation::<ops::CreateAccessKey>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::CreateUser>(|ask, input| {
            let made = new::<User>(ask, &input.path, &input.user_name);
            made_with(ask, made, "iam:TagUser", &input.tags);
            boundary_key(ask, &input.permissions_boundary);
        })
        .operation::<ops::DeleteAccessKey>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::DeleteLoginProfile>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::DeleteUser>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::DeleteUserPermissionsBoundary>(|ask, input| {
            user(ask, &input.user_name);
            boundary_of::<User>(ask, &input.user_name);
        })
        .operation::<ops::DeleteUserPolicy>(|ask, input| {
            user(ask, &input.user_name);
            boundary_of::<User>(ask, &input.user_name);
        })
        .operation::<ops::DetachUserPolicy>(|ask, input| {
            user(ask, &input.user_name);
            boundary_of::<User>(ask, &input.user_name);
            policy_arn_key(ask, &input.policy_arn);
        })
        .operation::<ops::GetAccessKeyLastUsed>(|ask, input| user_of_key(ask, &input.access_key_id))
        .operation::<ops::GetLoginProfile>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::GetUser>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::GetUserPolicy>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::ListAccessKeys>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::ListAttachedUserPolicies>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::ListGroupsForUser>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::ListMFADevices>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::ListSSHPublicKeys>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::ListServiceSpecificCredentials>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::ListSigningCertificates>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::ListUserPolicies>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::ListUserTags>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::ListUsers>(|_, _| {})
        .operation::<ops::ListVirtualMFADevices>(|_, _| {})
        .operation::<ops::PutUserPermissionsBoundary>(|ask, input| {
            user(ask, &input.user_name);
            boundary_key(ask, &input.permissions_boundary);
        })
        .operation::<ops::PutUserPolicy>(|ask, input| {
            user(ask, &input.user_name);
            boundary_of::<User>(ask, &input.user_name);
        })
        .operation::<ops::TagUser>(|ask, input| {
            user(ask, &input.user_name);
            tags(ask, &input.tags);
        })
        .operation::<ops::UntagUser>(|ask, input| {
            user(ask, &input.user_name);
            untagged(ask, &input.tag_keys);
        })
        .operation::<ops::UpdateAccessKey>(|ask, input| user(ask, &input.user_name))
        .operation::<ops::UpdateUser>(|ask, input| {
            renamed::<User>(ask, &input.user_name, &input.new_path, &input.new_user_name)
        })
}

fn of_groups() -> AccessTable<Identity> {
    table()
        .operation::<ops::AddUserToGroup>(|ask, input| named::<Group>(ask, &input.group_name))
        .operation::<ops::AttachGroupPolicy>(|ask, input| {
            named::<Group>(ask, &input.group_name);
            policy_arn_key(ask, &input.policy_arn);
        })
        .operation::<ops::CreateGroup>(|ask, input| {
            let made = new::<Group>(ask, &input.path, &input.group_name);
            ask.wants.on(made);
        })
        .operation::<ops::DeleteGroup>(|ask, input| named::<Group>(ask, &input.group_name))
        .operation::<ops::DeleteGroupPolicy>(|ask, input| named::<Group>(ask, &input.group_name))
        .operation::<ops::DetachGroupPolicy>(|ask, input| {
            named::<Group>(ask, &input.group_name);
            policy_arn_key(ask, &input.policy_arn);
        })
        .operation::<ops::GetGroup>(|ask, input| named::<Group>(ask, &input.group_name))
        .operation::<ops::GetGroupPolicy>(|ask, input| named::<Group>(ask, &input.group_name))
        .operation::<ops::ListAttachedGroupPolicies>(|ask, input| {
            named::<Group>(ask, &input.group_name)
        })
        .operation::<ops::ListGroupPolicies>(|ask, input| named::<Group>(ask, &input.group_name))
        .operation::<ops::ListGroups>(|_, _| {})
        .operation::<ops::PutGroupPolicy>(|ask, input| named::<Group>(ask, &input.group_name))
        .operation::<ops::RemoveUserFromGroup>(|ask, input| named::<Group>(ask, &input.group_name))
        .operation::<ops::UpdateGroup>(|ask, input| {
            renamed::<Group>(ask, &input.group_name, &input.new_path, &input.new_group_name)
        })
}

fn of_roles() -> AccessTable<Identity> {
    table()
        .operation::<ops::AttachRolePolicy>(|ask, input| {
            named::<Role>(ask, &input.role_name);
            boundary_of::<Role>(ask, &input.role_name);
            policy_arn_key(ask, &input.policy_arn);
        })
        .operation::<ops::CreateRole>(|ask, input| {
            let made = new::<Role>(ask, &input.path, &input.role_name);
            made_with(ask, made, "iam:TagRole", &input.tags);
            boundary_key(ask, &input.permissions_boundary);
        })
        .operation::<ops::CreateServiceLinkedRole>(service_linked_role)
        .operation::<ops::DeleteRole>(|ask, input| {
            named::<Role>(ask, &input.role_name);
            boundary_of::<Role>(ask, &input.role_name);
        })
        .operation::<ops::DeleteRolePermissionsBoundary>(|ask, input| {
            named::<Role>(ask, &input.role_name);
            boundary_of::<Role>(ask, &input.role_name);
        })
        .operation::<ops::DeleteRolePolicy>(|ask, input| {
            named::<Role>(ask, &input.role_name);
            boundary_of::<Role>(ask, &input.role_name);
        })
        .operation::<ops::DeleteServiceLinkedRole>(|ask, input| {
            named::<Role>(ask, &input.role_name)
        })
        .operation::<ops::DetachRolePolicy>(|ask, input| {
            named::<Role>(ask, &input.role_name);
            boundary_of::<Role>(ask, &input.role_name);
            policy_arn_key(ask, &input.policy_arn);
        })
        .operation::<ops::GetRole>(|ask, input| named::<Role>(ask, &input.role_name))
        .operation::<ops::GetRolePolicy>(|ask, input| named::<Role>(ask, &input.role_name))
        .operation::<ops::GetServiceLinkedRoleDeletionStatus>(|ask, input| {
            role_of_deletion(ask, &input.deletion_task_id)
        })
        .operation::<ops::ListAttachedRolePolicies>(|ask, input| {
            named::<Role>(ask, &input.role_name)
        })
        .operation::<ops::ListInstanceProfilesForRole>(|ask, input| {
            named::<Role>(ask, &input.role_name)
        })
        .operation::<ops::ListRolePolicies>(|ask, input| named::<Role>(ask, &input.role_name))
        .operation::<ops::ListRoleTags>(|ask, input| named::<Role>(ask, &input.role_name))
        .operation::<ops::ListRoles>(|_, _| {})
        .operation::<ops::PutRolePermissionsBoundary>(|ask, input| {
            named::<Role>(ask, &input.role_name);
            boundary_key(ask, &input.permissions_boundary);
        })
        .operation::<ops::PutRolePolicy>(|ask, input| {
            named::<Role>(ask, &input.role_name);
            boundary_of::<Role>(ask, &input.role_name);
        })
        .operation::<ops::TagRole>(|ask, input| {
            named::<Role>(ask, &input.role_name);
            tags(ask, &input.tags);
        })
        .operation::<ops::UntagRole>(|ask, input| {
            named::<Role>(ask, &input.role_name);
            untagged(ask, &input.tag_keys);
        })
        .operation::<ops::UpdateAssumeRolePolicy>(|ask, input| {
            named::<Role>(ask, &input.role_name);
            boundary_of::<Role>(ask, &input.role_name);
        })
        .operation::<ops::UpdateRole>(|ask, input| {
            named::<Role>(ask, &input.role_name);
            boundary_of::<Role>(ask, &input.role_name);
        })
        .operation::<ops::UpdateRoleDescription>(|ask, input| {
            named::<Role>(ask, &input.role_name);
            boundary_of::<Role>(ask, &input.role_name);
        })
}

fn of_policies() -> AccessTable<Identity> {
    table()
        .operation::<ops::CreatePolicy>(|ask, input| {
            let made = new::<Policy>(ask, &input.path, &input.policy_name);
            made_with(ask, made, "iam:TagPolicy", &input.tags);
        })
        .operation::<ops::CreatePolicyVersion>(|ask, input| policy(ask, &input.policy_arn))
        .operation::<ops::DeletePolicy>(|ask, input| policy(ask, &input.policy_arn))
        .operation::<ops::DeletePolicyVersion>(|ask, input| policy(ask, &input.policy_arn))
        .operation::<ops::GetPolicy>(|ask, input| policy(ask, &input.policy_arn))
        .operation::<ops::GetPolicyVersion>(|ask, input| policy(ask, &input.policy_arn))
        .operation::<ops::ListEntitiesForPolicy>(|ask, input| policy(ask, &input.policy_arn))
        .operation::<ops::ListPolicies>(|_, _| {})
        .operation::<ops::ListPolicyTags>(|ask, input| policy(ask, &input.policy_arn))
        .operation::<ops::ListPolicyVersions>(|ask, input| policy(ask, &input.policy_arn))
        .operation::<ops::SetDefaultPolicyVersion>(|ask, input| policy(ask, &input.policy_arn))
        .operation::<ops::TagPolicy>(|ask, input| {
            policy(ask, &input.policy_arn);
            tags(ask, &input.tags);
        })
        .operation::<ops::UntagPolicy>(|ask, input| {
            policy(ask, &input.policy_arn);
            untagged(ask, &input.tag_keys);
        })
}

fn of_instance_profiles() -> AccessTable<Identity> {
    table()
        .operation::<ops::AddRoleToInstanceProfile>(|ask, input| {
            named::<InstanceProfile>(ask, &input.instance_profile_name);
            passed_to_machines(ask, &input.role_name);
        })
        .operation::<ops::CreateInstanceProfile>(|ask, input| {
            let made = new::<InstanceProfile>(ask, &input.path, &input.instance_profile_name);
            made_with(ask, made, "iam:TagInstanceProfile", &input.tags);
        })
        .operation::<ops::DeleteInstanceProfile>(|ask, input| {
            named::<InstanceProfile>(ask, &input.instance_profile_name)
        })
        .operation::<ops::GetInstanceProfile>(|ask, input| {
            named::<InstanceProfile>(ask, &input.instance_profile_name)
        })
        .operation::<ops::ListInstanceProfileTags>(|ask, input| {
            named::<InstanceProfile>(ask, &input.instance_profile_name)
        })
        .operation::<ops::ListInstanceProfiles>(|_, _| {})
        .operation::<ops::RemoveRoleFromInstanceProfile>(|ask, input| {
            named::<InstanceProfile>(ask, &input.instance_profile_name)
        })
        .operation::<ops::TagInstanceProfile>(|ask, input| {
            named::<InstanceProfile>(ask, &input.instance_profile_name);
            tags(ask, &input.tags);
        })
        .operation::<ops::UntagInstanceProfile>(|ask, input| {
            named::<InstanceProfile>(ask, &input.instance_profile_name);
            untagged(ask, &input.tag_keys);
        })
}

fn of_providers() -> AccessTable<Identity> {
    table()
        .operation::<ops::AddClientIDToOpenIDConnectProvider>(|ask, input| {
            provider(ask, &input.open_id_connect_provider_arn)
        })
        .operation::<ops::RemoveClientIDFromOpenIDConnectProvider>(|ask, input| {
            provider(ask, &input.open_id_connect_provider_arn)
        })
        .operation::<ops::CreateOpenIDConnectProvider>(|ask, input| {
            let made = new_provider(ask, &input.url);
            made_with(ask, made, "iam:TagOpenIDConnectProvider", &input.tags);
        })
        .operation::<ops::DeleteOpenIDConnectProvider>(|ask, input| {
            provider(ask, &input.open_id_connect_provider_arn)
        })
        .operation::<ops::GetOpenIDConnectProvider>(|ask, input| {
            provider(ask, &input.open_id_connect_provider_arn)
        })
        .operation::<ops::ListOpenIDConnectProviderTags>(|ask, input| {
            provider(ask, &input.open_id_connect_provider_arn)
        })
        .operation::<ops::ListOpenIDConnectProviders>(|_, _| {})
        .operation::<ops::TagOpenIDConnectProvider>(|ask, input| {
            provider(ask, &input.open_id_connect_provider_arn);
            tags(ask, &input.tags);
        })
        .operation::<ops::UntagOpenIDConnectProvider>(|ask, input| {
            provider(ask, &input.open_id_connect_provider_arn);
            untagged(ask, &input.tag_keys);
        })
        .operation::<ops::UpdateOpenIDConnectProviderThumbprint>(|ask, input| {
            provider(ask, &input.open_id_connect_provider_arn)
        })
}

fn of_account() -> AccessTable<Identity> {
    table()
        .operation::<ops::CreateAccountAlias>(|_, _| {})
        .operation::<ops::DeleteAccountAlias>(|_, _| {})
        .operation::<ops::GetAccountAuthorizationDetails>(|_, _| {})
        .operation::<ops::GetAccountSummary>(|_, _| {})
        .operation::<ops::GetContextKeysForCustomPolicy>(|_, _| {})
        .operation::<ops::GetContextKeysForPrincipalPolicy>(|ask, input| {
            by_arn(ask, &input.policy_source_arn)
        })
        .operation::<ops::ListAccountAliases>(|_, _| {})
        .operation::<ops::SimulateCustomPolicy>(|_, _| {})
        .operation::<ops::SimulatePrincipalPolicy>(|ask, input| {
            by_arn(ask, &input.policy_source_arn)
        })
}

/// AWS: the Service Authorization Reference, "AWS Security Token Service". Whoever assumes a role is judged by the role's
/// trust policy too, which the authorizer knows.
pub fn sts() -> AccessTable<Identity> {
    use berth_aws_api::sts::ops;
    AccessTable::new("sts")
        .operation::<ops::AssumeRole>(assume_role)
        // A stranger's: the operation itself asks the role's trust policy.
        .operation::<ops::AssumeRoleWithWebIdentity>(|ask, _| ask.wants.nothing())
        .operation::<ops::GetAccessKeyInfo>(|_, _| {})
        .operation::<ops::GetCallerIdentity>(|ask, _| ask.wants.nothing())
        .operation::<ops::GetFederationToken>(federated_user)
        .operation::<ops::GetSessionToken>(|ask, _| ask.wants.nothing())
}
