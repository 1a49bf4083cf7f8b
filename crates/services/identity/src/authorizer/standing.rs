//! Whether a caller may do what it asks for, by its grounds and by what the resource says.

use std::sync::Arc;

use berth_control::cell::Snapshot;
use berth_control::pipeline::access::{Action, Keys, Resource};
use berth_control::pipeline::{Call, Denied, Lender, PrincipalKind, Question};
use berth_iam_policy::{
    Attached, Document, Kind, Policies, Principal, Request, ResourceSide, decide,
};
use http::HeaderMap;

use super::grounds::{Grounds, unreadable};
use super::{CallContext, Compiled};
use crate::roles;
use crate::tables::Account;

/// AWS: what nobody may do with certain temporary credentials, whatever policies say.
pub fn may_at_all(call: &Call, question: &Question<'_>) -> Result<(), Denied> {
    let service = question.service.signing_name;
    let refused = match &call.principal.kind {
        PrincipalKind::User(user) if user.token_issued_at.is_some() => {
            service == "iam"
                || service == "sts" && !["AssumeRole", "GetCallerIdentity"].contains(&question.name)
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

/// Of one call.
pub struct Standing<'v> {
    view: &'v Snapshot,
    call: &'v Call,
    compiled: &'v Compiled,
    grounds: &'v Grounds,
}

impl<'v> Standing<'v> {
    pub fn of(
        view: &'v Snapshot,
        call: &'v Call,
        compiled: &'v Compiled,
        grounds: &'v Grounds,
    ) -> Self {
        Standing { view, call, compiled, grounds }
    }

    /// Whether policies allow it. Denied if one that bears on the caller cannot be read.
    pub fn check(
        &self,
        headers: &HeaderMap,
        action: &Action,
        resource: &Resource,
        keys: &Keys,
    ) -> Result<(), Denied> {
        let Standing { view, call, grounds, .. } = *self;
        let context = CallContext { view, call, headers: Some(headers), resource, keys };
        let arn = resource.arn();
        let principal = self.principal();
        let request = Request { principal, action, resource: Some(arn), context: &context };
        let side = self.resource_side(action, resource)?;
        if side.is_none() && grounds.shortlist(action)?.allows(&request) {
            return Ok(());
        }
        let resource = side.as_ref().map(|side| ResourceSide {
            owner: call.scope.account,
            policy: Some(Attached::new(arn, side.document())),
            must_allow: side.must_allow(),
        });
        let denial = grounds.with_policies(|policies| {
            let decision = decide(&Policies { resource, ..policies }, &request);
            decision.denial(&request).map(|denial| denial.to_string())
        })?;
        denial.map_or(Ok(()), |denial| Err(Denied(denial)))
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
    fn resource_side(
        &self,
        action: &Action,
        resource: &Resource,
    ) -> Result<Option<Side<'v>>, Denied> {
        let arn = resource.arn();
        if ASSUMING.contains(&&**action) {
            let role = roles::by_arn(self.view, Account::of(&self.call.scope), arn);
            let trust = role.map(|role| role.trust.as_trust()).transpose();
            let trust = trust.map_err(|refused| unreadable(arn, refused))?;
            return Ok(trust.map(Side::Trust));
        }
        let Some(policy) = resource.policy() else { return Ok(None) };
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
