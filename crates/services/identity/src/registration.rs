//! Which function serves which operation of IAM.

use std::sync::Arc;

use berth_aws_api::iam::ops;
use berth_control::pipeline::{Service, ServiceBuilder};

use crate::access;
use crate::operations::iam::*;
use crate::rates;
use crate::service::Identity;

type Builder = ServiceBuilder<Identity>;

pub fn service(identity: &Arc<Identity>) -> Service {
    let registrations: [fn(Builder) -> Builder; 11] = [
        users,
        groups,
        roles,
        policies,
        instance_profiles,
        access_keys,
        service_linked_roles,
        open_id_connect_providers,
        other_credentials,
        account,
        simulation,
    ];
    let builder = ServiceBuilder::new(identity.clone(), access::iam()).rates(rates::IAM);
    registrations.into_iter().fold(builder, |builder, register| register(builder)).into()
}

fn users(builder: Builder) -> Builder {
    use users::*;
    builder
        .operation::<ops::AttachUserPolicy, _, _>(attach_user_policy::attach_user_policy)
        .operation::<ops::CreateUser, _, _>(create_user::create_user)
        .operation::<ops::DeleteUser, _, _>(delete_user::delete_user)
        .operation::<ops::DeleteUserPermissionsBoundary, _, _>(
            delete_user_permissions_boundary::delete_user_permissions_boundary,
        )
        .operation::<ops::DeleteUserPolicy, _, _>(delete_user_policy::delete_user_policy)
        .operation::<ops::DetachUserPolicy, _, _>(detach_user_policy::detach_user_policy)
        .operation::<ops::GetUser, _, _>(get_user::get_user)
        .operation::<ops::GetUserPolicy, _, _>(get_user_policy::get_user_policy)
        .operation::<ops::ListAttachedUserPolicies, _, _>(
            list_attached_user_policies::list_attached_user_policies,
        )
        .operation::<ops::ListUserPolicies, _, _>(list_user_policies::list_user_policies)
        .operation::<ops::ListUserTags, _, _>(list_user_tags::list_user_tags)
        .operation::<ops::ListUsers, _, _>(list_users::list_users)
        .operation::<ops::PutUserPermissionsBoundary, _, _>(
            put_user_permissions_boundary::put_user_permissions_boundary,
        )
        .operation::<ops::PutUserPolicy, _, _>(put_user_policy::put_user_policy)
        .operation::<ops::TagUser, _, _>(tag_user::tag_user)
        .operation::<ops::UntagUser, _, _>(untag_user::untag_user)
        .operation::<ops::UpdateUser, _, _>(update_user::update_user)
}

fn groups(builder: Builder) -> Builder {
    use groups::*;
    builder
        .operation::<ops::AddUserToGroup, _, _>(add_user_to_group::add_user_to_group)
        .operation::<ops::AttachGroupPolicy, _, _>(attach_group_policy::attach_group_policy)
        .operation::<ops::CreateGroup, _, _>(create_group::create_group)
        .operation::<ops::DeleteGroup, _, _>(delete_group::delete_group)
        .operation::<ops::DeleteGroupPolicy, _, _>(delete_group_policy::delete_group_policy)
        .operation::<ops::DetachGroupPolicy, _, _>(detach_group_policy::detach_group_policy)
        .operation::<ops::GetGroup, _, _>(get_group::get_group)
        .operation::<ops::GetGroupPolicy, _, _>(get_group_policy::get_group_policy)
        .operation::<ops::ListAttachedGroupPolicies, _, _>(
            list_attached_group_policies::list_attached_group_policies,
        )
        .operation::<ops::ListGroupPolicies, _, _>(list_group_policies::list_group_policies)
        .operation::<ops::ListGroups, _, _>(list_groups::list_groups)
        .operation::<ops::ListGroupsForUser, _, _>(list_groups_for_user::list_groups_for_user)
        .operation::<ops::PutGroupPolicy, _, _>(put_group_policy::put_group_policy)
        .operation::<ops::RemoveUserFromGroup, _, _>(remove_user_from_group::remove_user_from_group)
        .operation::<ops::UpdateGroup, _, _>(update_group::update_group)
}

fn roles(builder: Builder) -> Builder {
    use roles::*;
    builder
        .operation::<ops::AttachRolePolicy, _, _>(attach_role_policy::attach_role_policy)
        .operation::<ops::CreateRole, _, _>(create_role::create_role)
        .operation::<ops::DeleteRole, _, _>(delete_role::delete_role)
        .operation::<ops::DeleteRolePermissionsBoundary, _, _>(
            delete_role_permissions_boundary::delete_role_permissions_boundary,
        )
        .operation::<ops::DeleteRolePolicy, _, _>(delete_role_policy::delete_role_policy)
        .operation::<ops::DetachRolePolicy, _, _>(detach_role_policy::detach_role_policy)
        .operation::<ops::GetRole, _, _>(get_role::get_role)
        .operation::<ops::GetRolePolicy, _, _>(get_role_policy::get_role_policy)
        .operation::<ops::ListAttachedRolePolicies, _, _>(
            list_attached_role_policies::list_attached_role_policies,
        )
        .operation::<ops::ListRolePolicies, _, _>(list_role_policies::list_role_policies)
        .operation::<ops::ListRoleTags, _, _>(list_role_tags::list_role_tags)
        .operation::<ops::ListRoles, _, _>(list_roles::list_roles)
        .operation::<ops::PutRolePermissionsBoundary, _, _>(
            put_role_permissions_boundary::put_role_permissions_boundary,
        )
        .operation::<ops::PutRolePolicy, _, _>(put_role_policy::put_role_policy)
        .operation::<ops::TagRole, _, _>(tag_role::tag_role)
        .operation::<ops::UntagRole, _, _>(untag_role::untag_role)
        .operation::<ops::UpdateAssumeRolePolicy, _, _>(
            update_assume_role_policy::update_assume_role_policy,
        )
        .operation::<ops::UpdateRole, _, _>(update_role::update_role)
        .operation::<ops::UpdateRoleDescription, _, _>(
            update_role_description::update_role_description,
        )
}

fn policies(builder: Builder) -> Builder {
    use policies::*;
    builder
        .operation::<ops::CreatePolicy, _, _>(create_policy::create_policy)
        .operation::<ops::CreatePolicyVersion, _, _>(create_policy_version::create_policy_version)
        .operation::<ops::DeletePolicy, _, _>(delete_policy::delete_policy)
        .operation::<ops::DeletePolicyVersion, _, _>(delete_policy_version::delete_policy_version)
        .operation::<ops::GetPolicy, _, _>(get_policy::get_policy)
        .operation::<ops::GetPolicyVersion, _, _>(get_policy_version::get_policy_version)
        .operation::<ops::ListEntitiesForPolicy, _, _>(
            list_entities_for_policy::list_entities_for_policy,
        )
        .operation::<ops::ListPolicies, _, _>(list_policies::list_policies)
        .operation::<ops::ListPolicyTags, _, _>(list_policy_tags::list_policy_tags)
        .operation::<ops::ListPolicyVersions, _, _>(list_policy_versions::list_policy_versions)
        .operation::<ops::SetDefaultPolicyVersion, _, _>(
            set_default_policy_version::set_default_policy_version,
        )
        .operation::<ops::TagPolicy, _, _>(tag_policy::tag_policy)
        .operation::<ops::UntagPolicy, _, _>(untag_policy::untag_policy)
}

fn instance_profiles(builder: Builder) -> Builder {
    use instance_profiles::*;
    builder
        .operation::<ops::AddRoleToInstanceProfile, _, _>(
            add_role_to_instance_profile::add_role_to_instance_profile,
        )
        .operation::<ops::CreateInstanceProfile, _, _>(
            create_instance_profile::create_instance_profile,
        )
        .operation::<ops::DeleteInstanceProfile, _, _>(
            delete_instance_profile::delete_instance_profile,
        )
        .operation::<ops::GetInstanceProfile, _, _>(get_instance_profile::get_instance_profile)
        .operation::<ops::ListInstanceProfileTags, _, _>(
            list_instance_profile_tags::list_instance_profile_tags,
        )
        .operation::<ops::ListInstanceProfiles, _, _>(
            list_instance_profiles::list_instance_profiles,
        )
        .operation::<ops::ListInstanceProfilesForRole, _, _>(
            list_instance_profiles_for_role::list_instance_profiles_for_role,
        )
        .operation::<ops::RemoveRoleFromInstanceProfile, _, _>(
            remove_role_from_instance_profile::remove_role_from_instance_profile,
        )
        .operation::<ops::TagInstanceProfile, _, _>(tag_instance_profile::tag_instance_profile)
        .operation::<ops::UntagInstanceProfile, _, _>(
            untag_instance_profile::untag_instance_profile,
        )
}

fn access_keys(builder: Builder) -> Builder {
    use access_keys::*;
    builder
        .operation::<ops::CreateAccessKey, _, _>(create_access_key::create_access_key)
        .operation::<ops::DeleteAccessKey, _, _>(delete_access_key::delete_access_key)
        .operation::<ops::GetAccessKeyLastUsed, _, _>(
            get_access_key_last_used::get_access_key_last_used,
        )
        .operation::<ops::ListAccessKeys, _, _>(list_access_keys::list_access_keys)
        .operation::<ops::UpdateAccessKey, _, _>(update_access_key::update_access_key)
}

fn service_linked_roles(builder: Builder) -> Builder {
    use service_linked_roles::*;
    builder
        .operation::<ops::CreateServiceLinkedRole, _, _>(
            create_service_linked_role::create_service_linked_role,
        )
        .operation::<ops::DeleteServiceLinkedRole, _, _>(
            delete_service_linked_role::delete_service_linked_role,
        )
        .operation::<ops::GetServiceLinkedRoleDeletionStatus, _, _>(
            get_service_linked_role_deletion_status::get_service_linked_role_deletion_status,
        )
}

fn open_id_connect_providers(builder: Builder) -> Builder {
    use open_id_connect_providers::*;
    builder
        .operation::<ops::AddClientIDToOpenIDConnectProvider, _, _>(
            add_client_id_to_open_id_connect_provider::add_client_id_to_open_id_connect_provider,
        )
        .operation::<ops::RemoveClientIDFromOpenIDConnectProvider, _, _>(
            remove_client_id_from_open_id_connect_provider::remove_client_id_from_open_id_connect_provider,
        )
        .operation::<ops::CreateOpenIDConnectProvider, _, _>(
            create_open_id_connect_provider::create_open_id_connect_provider,
        )
        .operation::<ops::DeleteOpenIDConnectProvider, _, _>(
            delete_open_id_connect_provider::delete_open_id_connect_provider,
        )
        .operation::<ops::GetOpenIDConnectProvider, _, _>(
            get_open_id_connect_provider::get_open_id_connect_provider,
        )
        .operation::<ops::ListOpenIDConnectProviderTags, _, _>(
            list_open_id_connect_provider_tags::list_open_id_connect_provider_tags,
        )
        .operation::<ops::ListOpenIDConnectProviders, _, _>(
            list_open_id_connect_providers::list_open_id_connect_providers,
        )
        .operation::<ops::TagOpenIDConnectProvider, _, _>(
            tag_open_id_connect_provider::tag_open_id_connect_provider,
        )
        .operation::<ops::UntagOpenIDConnectProvider, _, _>(
            untag_open_id_connect_provider::untag_open_id_connect_provider,
        )
        .operation::<ops::UpdateOpenIDConnectProviderThumbprint, _, _>(
            update_open_id_connect_provider_thumbprint::update_open_id_connect_provider_thumbprint,
        )
}

fn account(builder: Builder) -> Builder {
    use account::*;
    builder
        .operation::<ops::CreateAccountAlias, _, _>(create_account_alias::create_account_alias)
        .operation::<ops::DeleteAccountAlias, _, _>(delete_account_alias::delete_account_alias)
        .operation::<ops::GetAccountAuthorizationDetails, _, _>(
            get_account_authorization_details::get_account_authorization_details,
        )
        .operation::<ops::GetAccountSummary, _, _>(get_account_summary::get_account_summary)
        .operation::<ops::ListAccountAliases, _, _>(list_account_aliases::list_account_aliases)
}

fn other_credentials(builder: Builder) -> Builder {
    use other_credentials::*;
    builder
        .operation::<ops::DeleteLoginProfile, _, _>(delete_login_profile::delete_login_profile)
        .operation::<ops::GetLoginProfile, _, _>(get_login_profile::get_login_profile)
        .operation::<ops::ListMFADevices, _, _>(list_mfa_devices::list_mfa_devices)
        .operation::<ops::ListServiceSpecificCredentials, _, _>(
            list_service_specific_credentials::list_service_specific_credentials,
        )
        .operation::<ops::ListSSHPublicKeys, _, _>(list_ssh_public_keys::list_ssh_public_keys)
        .operation::<ops::ListSigningCertificates, _, _>(
            list_signing_certificates::list_signing_certificates,
        )
        .operation::<ops::ListVirtualMFADevices, _, _>(
            list_virtual_mfa_devices::list_virtual_mfa_devices,
        )
}

fn simulation(builder: Builder) -> Builder {
    use simulation::*;
    builder
        .operation::<ops::GetContextKeysForCustomPolicy, _, _>(
            get_context_keys_for_custom_policy::get_context_keys_for_custom_policy,
        )
        .operation::<ops::GetContextKeysForPrincipalPolicy, _, _>(
            get_context_keys_for_principal_policy::get_context_keys_for_principal_policy,
        )
        .operation::<ops::SimulateCustomPolicy, _, _>(
            simulate_custom_policy::simulate_custom_policy,
        )
        .operation::<ops::SimulatePrincipalPolicy, _, _>(
            simulate_principal_policy::simulate_principal_policy,
        )
}

/// STS's operations, which are of the same tables.
pub fn sts(identity: &Arc<Identity>) -> Service {
    use crate::operations::sts::*;
    use berth_aws_api::sts::ops;
    ServiceBuilder::new(identity.clone(), access::sts())
        .rates(rates::STS)
        .operation::<ops::AssumeRole, _, _>(assume_role::assume_role)
        .operation::<ops::AssumeRoleWithWebIdentity, _, _>(
            assume_role_with_web_identity::assume_role_with_web_identity,
        )
        .operation::<ops::GetAccessKeyInfo, _, _>(get_access_key_info::get_access_key_info)
        .operation::<ops::GetCallerIdentity, _, _>(get_caller_identity::get_caller_identity)
        .operation::<ops::GetFederationToken, _, _>(get_federation_token::get_federation_token)
        .operation::<ops::GetSessionToken, _, _>(get_session_token::get_session_token)
        .into()
}
