//! May the principal do it?
//!
//! An explicit deny, in whatever policy, is the end. Then, within one account, what the identity's
//! policies or the resource's policy allows is allowed, within the limits of boundary and session; what
//! the resource's policy grants to the very principal that asks knows no such limits. Across
//! accounts both sides must allow it.
//!
//! AWS: user guide, "Policy evaluation logic" and "Cross-account policy evaluation logic". Service and
//! resource control policies are an organisation's; there is none here.

use crate::decision::{Decision, Matched, Source};
use crate::policies::{Asked, Attached, Policies, Request};
use crate::principal::Principal;
use crate::principals::Grant;
use crate::statement::Effect;

pub fn decide<'p>(policies: &Policies<'p>, request: &Request<'_>) -> Decision<'p> {
    let asked = Asked::new(request, policies);
    match Allows::find(policies, &asked) {
        Err(denied) => Decision::ExplicitDeny(denied),
        Ok(allows) => allows.decide(policies, &request.principal),
    }
}

/// What each sort of policy allows, where none denies.
struct Allows<'p> {
    identity: Option<Matched<'p>>,
    boundary: Option<Matched<'p>>,
    session: Option<Matched<'p>>,
    resource: Option<(Matched<'p>, Grant)>,
}

impl<'p> Allows<'p> {
    /// Fails with the first statement that denies. The resource's policy is asked first, as AWS does.
    fn find(policies: &Policies<'p>, asked: &Asked<'_>) -> Result<Self, Matched<'p>> {
        let [resource, identity, boundary, session] = policies.by_source();
        let find = |(source, policies)| strongest(source, policies, asked);
        let plain = |one| Ok(find(one)?.map(|(matched, _)| matched));
        Ok(Self {
            resource: find(resource)?,
            identity: plain(identity)?,
            boundary: plain(boundary)?,
            session: plain(session)?,
        })
    }

    fn decide(&self, policies: &Policies<'p>, principal: &Principal<'_>) -> Decision<'p> {
        let Some(account) = principal.account() else {
            // Nobody vouches for it: the resource alone decides.
            return match self.resource {
                Some((matched, _)) => Decision::Allowed(Some(matched)),
                None => Decision::ImplicitDeny(policies.resource_source()),
            };
        };
        if policies.resource.is_some_and(|resource| resource.owner != account) {
            return match (self.own(policies, principal), self.resource) {
                (Decision::Allowed(_), Some((matched, _))) => Decision::Allowed(Some(matched)),
                (Decision::Allowed(_), None) => Decision::ImplicitDeny(policies.resource_source()),
                (denied, _) => denied,
            };
        }
        match self.resource {
            Some((matched, Grant::Direct)) => Decision::Allowed(Some(matched)),
            Some((matched, Grant::Limited)) => match self.within_limits(policies) {
                Ok(()) => Decision::Allowed(Some(matched)),
                Err(lacking) => Decision::ImplicitDeny(lacking),
            },
            None if policies.resource.is_some_and(|resource| resource.must_allow) => {
                Decision::ImplicitDeny(policies.resource_source())
            }
            Some((_, Grant::Delegated)) | None => self.own(policies, principal),
        }
    }

    /// What the principal may do by its own policies. Root may do everything.
    fn own(&self, policies: &Policies<'p>, principal: &Principal<'_>) -> Decision<'p> {
        if self.identity.is_none() && !matches!(principal, Principal::Root { .. }) {
            return Decision::ImplicitDeny(Source::Identity);
        }
        match self.within_limits(policies) {
            Ok(()) => Decision::Allowed(self.identity),
            Err(lacking) => Decision::ImplicitDeny(lacking),
        }
    }

    /// Whether boundary and session policies, where there are any, allow it too; if not, which sort.
    fn within_limits(&self, policies: &Policies<'_>) -> Result<(), Source> {
        if policies.boundary.is_some() && self.boundary.is_none() {
            return Err(Source::Boundary);
        }
        if policies.session.is_some() && self.session.is_none() {
            return Err(Source::Session);
        }
        Ok(())
    }
}

/// The strongest statement that allows, unless one denies.
fn strongest<'p>(
    source: Source,
    policies: &[Attached<'p>],
    asked: &Asked<'_>,
) -> Result<Option<(Matched<'p>, Grant)>, Matched<'p>> {
    let mut allowed: Option<(Matched<'p>, Grant)> = None;
    for &policy in policies {
        for (number, statement) in policy.document.about(asked.service) {
            let matched = || Matched { source, policy, number };
            let found = allowed.as_ref().map(|(_, grant)| *grant);
            match statement.effect {
                Effect::Deny if statement.applies(asked).is_some() => return Err(matched()),
                Effect::Allow if found < Some(Grant::Direct) => {
                    if let Some(grant) = statement.applies(asked)
                        && found < Some(grant)
                    {
                        allowed = Some((matched(), grant));
                    }
                }
                Effect::Allow | Effect::Deny => {}
            }
        }
    }
    Ok(allowed)
}

#[cfg(test)]
mod tests;
