//! Whether a caller may do what it asks for, by its grounds and by what the resource says.

use std::sync::Arc;

use berth_control::cell::Snapshot;
use berth_control::pipeline::access::Wanted;
use berth_control::pipeline::{Call, Denied, Lender, PrincipalKind, Question};
use berth_iam_policy::{
    Attached, Document, Kind, Policies, Principal, Request, ResourceSide, decide,
};
use http::HeaderMap;

use super::grounds::{Bearing, Grounds, unreadable};
use super::{CallContext, Compiled};
use crate::roles;
use crate::tables::Account;

/// Of one call.
pub struct Standing<'v> {
    pub view: &'v Snapshot,
    pub call: &'v Call,
    pub compiled: &'v Compiled,
    pub grounds: &'v Grounds,
}

impl<'v> Standing<'v> {
    /// AWS: what nobody may do with certain temporary credentials, whatever policies say.
    pub fn may_at_all(&self, question: &Question<'_>) -> Result<(), Denied> {
        let service = question.service.signing_name;
        let refused = match &self.call.principal.kind {
            PrincipalKind::User(user) if user.token_issued_at.is_some() => {
                service == "iam"
                    || service == "sts"
                        && !["AssumeRole", "GetCallerIdentity"].contains(&question.name)
            }
            PrincipalKind::Session(session) => match session.lender {
                Lender::Role { .. } => {
                    service == "sts"
                        && ["GetSessionToken", "GetFederationToken"].contains(&question.name)
                }
                Lender::FederatedBy { .. } | Lender::Root => {
                    service == "iam" || service == "sts" && question.name != "GetCallerIdentity"
                }
            },
            _ => false,
        };
        match refused {
            true => Err(Denied(format!("Cannot call {} with session credentials", question.name))),
            false => Ok(()),
        }
    }

    /// Whether policies allow it.
    pub fn check(&self, headers: &HeaderMap, wanted: &Wanted) -> Result<(), Denied> {
        let Grounds { identity, boundary, session, .. } = self.grounds;
        let all = |policies: &'v [Bearing]| {
            policies.iter().map(Bearing::attached).collect::<Result<Vec<_>, _>>()
        };
        let identity = all(identity)?;
        let boundary = boundary.as_ref().map(Bearing::attached).transpose()?;
        let session = session.as_deref().map(all).transpose()?;
        let side = self.resource_side(wanted)?;
        let owner = self.call.scope.account;
        let policies = Policies {
            identity: &identity,
            boundary,
            session: session.as_deref(),
            resource: side.as_ref().map(|side| ResourceSide {
                owner,
                policy: Some(Attached::new(wanted.resource.arn(), side.document())),
                must_allow: side.must_allow(),
            }),
        };
        let context = CallContext {
            view: self.view,
            call: self.call,
            headers: Some(headers),
            resource: &wanted.resource,
            keys: &wanted.keys,
        };
        let resource = Some(wanted.resource.arn());
        let action = &wanted.action;
        let request = Request { principal: self.principal(), action, resource, context: &context };
        match decide(&policies, &request).denial(&request) {
            None => Ok(()),
            Some(denial) => Err(Denied(denial.to_string())),
        }
    }

    fn principal(&self) -> Principal<'_> {
        let account = self.call.scope.account;
        let Grounds { arn, lender_arn, .. } = self.grounds;
        match &self.call.principal.kind {
            PrincipalKind::User(user) => Principal::User { arn, id: &user.id, account },
            PrincipalKind::Session(session) => match &session.lender {
                Lender::Role { id, .. } => {
                    Principal::Session { arn, role_arn: lender_arn, role_id: id, account }
                }
                Lender::FederatedBy { id, .. } => {
                    Principal::FederatedUser { arn, user_arn: lender_arn, user_id: id, account }
                }
                Lender::Root => {
                    Principal::FederatedUser { arn, user_arn: lender_arn, user_id: "", account }
                }
            },
            PrincipalKind::Administrator => Principal::Root { arn, account },
            PrincipalKind::Anonymous | PrincipalKind::Agent { .. } => Principal::Anonymous,
        }
    }

    /// What the resource itself says: a role by its trust policy, others by what their service told.
    fn resource_side(&self, wanted: &Wanted) -> Result<Option<Side<'v>>, Denied> {
        let arn = wanted.resource.arn();
        if ASSUMING.contains(&&*wanted.action) {
            let role = roles::by_arn(self.view, Account::of(&self.call.scope), arn);
            let trust = role.map(|role| role.trust.as_trust()).transpose();
            let trust = trust.map_err(|refused| unreadable(arn, refused))?;
            return Ok(trust.map(Side::Trust));
        }
        let Some(policy) = wanted.resource.policy() else { return Ok(None) };
        let document = self.compiled.get(Kind::Resource, &policy.text);
        let document = document.map_err(|refused| unreadable(arn, &refused))?;
        Ok(Some(Side::Given { document, must_allow: policy.alone }))
    }
}

/// What a trust policy decides about.
const ASSUMING: [&str; 3] = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];

/// What a resource says.
enum Side<'v> {
    Trust(&'v Document),
    Given { document: Arc<Document>, must_allow: bool },
}

impl Side<'_> {
    fn document(&self) -> &Document {
        match self {
            Side::Trust(document) => document,
            Side::Given { document, .. } => document,
        }
    }

    fn must_allow(&self) -> bool {
        match self {
            Side::Trust(_) => true,
            Side::Given { must_allow, .. } => *must_allow,
        }
    }
}
