//! GetAccountSummary: how much there is, and how much there may be.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;

use crate::documents::{LONGEST_MANAGED, LONGEST_TRUST};
use crate::entity::{self, Entity};
use crate::holder::Holder;
use crate::managed;
use crate::operations::iam::access_keys::create_access_key::KEYS_PER_USER;
use crate::operations::iam::groups::add_user_to_group::GROUPS_PER_USER;
use crate::operations::iam::policies::create_policy_version::VERSIONS_PER_POLICY;
use crate::render::shown;
use crate::service::Identity;
use crate::tables::{Account, Group, InstanceProfile, OpenIdConnectProvider, Policy, Role, User};

/// AWS: versions of all policies that are attached; nobody has come near it.
const POLICY_VERSIONS_IN_USE: u64 = 10_000;

pub async fn get_account_summary(
    identity: Arc<Identity>,
    call: Call,
    _: Unit,
) -> Result<api::GetAccountSummaryResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let view = identity.cell.snapshot();
    let summary = entities(&view, account).into_iter().chain(limits()).chain(nothing());
    let summary = summary.map(|(key, count)| (key.to_owned(), shown(count)));
    Ok(api::GetAccountSummaryResponse { summary_map: Some(BTreeMap::from_iter(summary)) })
}

fn entities(view: &impl View, account: Account) -> Vec<(&'static str, u64)> {
    let attached = entity::all::<Policy>(view, account)
        .map(|(_, policy)| managed::Managed::Customer(policy))
        .filter(|policy| policy.attachments(view, account) > 0)
        .count();
    let providers = view.table::<OpenIdConnectProvider>().within(&account).count();
    vec![
        ("Users", entity::count::<User>(view, account)),
        ("UsersQuota", User::KIND.quota.1),
        ("Groups", entity::count::<Group>(view, account)),
        ("GroupsQuota", Group::KIND.quota.1),
        ("Roles", entity::count::<Role>(view, account)),
        ("RolesQuota", Role::KIND.quota.1),
        ("Policies", entity::count::<Policy>(view, account)),
        ("PoliciesQuota", Policy::KIND.quota.1),
        ("InstanceProfiles", entity::count::<InstanceProfile>(view, account)),
        ("InstanceProfilesQuota", InstanceProfile::KIND.quota.1),
        ("PolicyVersionsInUse", attached as u64),
        ("PolicyVersionsInUseQuota", POLICY_VERSIONS_IN_USE),
        ("Providers", providers as u64),
    ]
}

fn limits() -> Vec<(&'static str, u64)> {
    vec![
        ("AccessKeysPerUserQuota", KEYS_PER_USER as u64),
        ("GroupsPerUserQuota", GROUPS_PER_USER as u64),
        ("VersionsPerPolicyQuota", VERSIONS_PER_POLICY as u64),
        ("PolicySizeQuota", LONGEST_MANAGED as u64),
        ("AssumeRolePolicySizeQuota", LONGEST_TRUST as u64),
        ("UserPolicySizeQuota", User::LIMITS.inline as u64),
        ("GroupPolicySizeQuota", Group::LIMITS.inline as u64),
        ("RolePolicySizeQuota", Role::LIMITS.inline as u64),
        ("AttachedPoliciesPerUserQuota", User::LIMITS.attached as u64),
        ("AttachedPoliciesPerGroupQuota", Group::LIMITS.attached as u64),
        ("AttachedPoliciesPerRoleQuota", Role::LIMITS.attached as u64),
        // AWS: tokens of its second version are good in every region, as all are here.
        ("GlobalEndpointTokenVersion", 2),
        // The administrator's.
        ("AccountAccessKeysPresent", 1),
    ]
}

/// What there is none of and can be none of, which AWS counts as well.
fn nothing() -> Vec<(&'static str, u64)> {
    let none = [
        "AccountMFAEnabled",
        "AccountPasswordPresent",
        "AccountSigningCertificatesPresent",
        "MFADevices",
        "MFADevicesInUse",
        "ServerCertificates",
        "ServerCertificatesQuota",
        "SigningCertificatesPerUserQuota",
    ];
    none.into_iter().map(|key| (key, 0)).collect()
}
