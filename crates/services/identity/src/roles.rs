//! Roles as those who assume them name them.

use berth_control::tables::View;
use berth_iam_policy::{
    Attached, Context, Decision, Malformed, Policies, Principal, Request, ResourceSide, decide,
};

use crate::entity::{self, Entity};
use crate::tables::{Account, Role};

/// The role of exactly this ARN, its path included.
pub fn by_arn<'v>(view: &'v impl View, account: Account, arn: &str) -> Option<&'v Role> {
    let full_name = arn.strip_prefix(&account.arn("role/"))?;
    let name = full_name.rsplit('/').next()?;
    entity::find::<Role>(view, account, name).ok().filter(|role| role.arn() == arn)
}

/// Whether the role's trust policy alone lets in a service, or somebody whom a provider vouches for.
pub fn trusts(
    role: &Role,
    principal: Principal<'_>,
    action: &str,
    context: &dyn Context,
) -> Result<bool, Malformed> {
    let arn = role.arn();
    let document = role.trust.as_trust().map_err(Malformed::clone)?;
    let policies = Policies {
        resource: Some(ResourceSide {
            owner: role.about.account.id,
            policy: Some(Attached::new(&arn, document)),
            must_allow: true,
        }),
        ..Policies::default()
    };
    let request = Request { principal, action, resource: Some(&arn), context };
    Ok(matches!(decide(&policies, &request), Decision::Allowed(_)))
}
