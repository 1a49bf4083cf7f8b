//! What somebody stands on: who they are to policies, and which policies bear on them.

use std::fmt;
use std::sync::Arc;

use berth_control::cell::Snapshot;
use berth_control::pipeline::access::Wanted;
use berth_control::pipeline::{Call, Denied, Lender, PrincipalKind, Question, SessionPrincipal};
use berth_iam_policy::{
    Attached, Document, Kind, Policies, Principal, Request, ResourceSide, decide,
};
use http::HeaderMap;

use super::{CallContext, Compiled};
use crate::managed::{self, Managed};
use crate::policies_of::{Held, PoliciesOf, Unreadable, Who, policies_of};
use crate::roles;
use crate::tables::{Account, EntityKey, UniqueId};

/// What gives the account's own key its permissions, where somebody acts for it.
const EVERYTHING: &str = "AdministratorAccess";

/// Of one call.
pub struct Standing<'v> {
    view: &'v Snapshot,
    call: &'v Call,
    compiled: &'v Compiled,
    arn: String,
    /// The role's, or the federating user's; nothing for whoever is in no session.
    lender_arn: String,
    held: PoliciesOf<'v>,
    /// `None` for whoever is in no session, or in one that was begun without policies of its own.
    session: Option<Vec<(String, SessionPolicy<'v>)>>,
}

enum SessionPolicy<'v> {
    Inline(Arc<Document>),
    Managed(Managed<'v>),
}

impl<'v> Standing<'v> {
    pub fn of(view: &'v Snapshot, call: &'v Call, compiled: &'v Compiled) -> Result<Self, Denied> {
        let account = Account::of(&call.scope);
        let key = |id: &str| -> EntityKey { (account, UniqueId::from(id)) };
        // Whoever is gone may do nothing: it has no boundary either, and policies of resources may still name it.
        let of = |who: Who<'_>| policies_of(view, who).ok_or_else(|| gone(call));
        let held = match &call.principal.kind {
            PrincipalKind::User(user) => of(Who::User(&key(&user.id)))?,
            PrincipalKind::Session(session) => match &session.lender {
                Lender::Role { id, .. } => of(Who::Role(&key(id)))?,
                Lender::FederatedBy { id, .. } => of(Who::User(&key(id)))?,
                Lender::Root => everything(view, account),
            },
            PrincipalKind::Administrator
            | PrincipalKind::Anonymous
            | PrincipalKind::Agent { .. } => NOBODY,
        };
        let session = match &call.principal.kind {
            PrincipalKind::Session(session) => session_policies(view, account, session, compiled)?,
            _ => None,
        };
        let lender_arn = match &call.principal.kind {
            PrincipalKind::Session(session) => session.lender_arn(&call.scope),
            _ => String::new(),
        };
        let arn = call.principal_arn();
        Ok(Standing { view, call, compiled, arn, lender_arn, held, session })
    }

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
        let identity = self
            .held
            .identity
            .iter()
            .map(|held| held.attached().map_err(|refused| unreadable(held.id(), &refused)))
            .collect::<Result<Vec<_>, _>>()?;
        let boundary = self.held.boundary.as_ref();
        let boundary = boundary
            .map(|held| held.attached().map_err(|refused| unreadable(held.id(), &refused)))
            .transpose()?;
        let session = self.session.as_ref().map(|policies| {
            policies.iter().map(|(id, policy)| policy.attached(id)).collect::<Result<Vec<_>, _>>()
        });
        let session = session.transpose()?;
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
        let arn = &self.arn;
        match &self.call.principal.kind {
            PrincipalKind::User(user) => Principal::User { arn, id: &user.id, account },
            PrincipalKind::Session(session) => match &session.lender {
                Lender::Role { id, .. } => {
                    Principal::Session { arn, role_arn: &self.lender_arn, role_id: id, account }
                }
                Lender::FederatedBy { id, .. } => Principal::FederatedUser {
                    arn,
                    user_arn: &self.lender_arn,
                    user_id: id,
                    account,
                },
                Lender::Root => Principal::FederatedUser {
                    arn,
                    user_arn: &self.lender_arn,
                    user_id: "",
                    account,
                },
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

const NOBODY: PoliciesOf<'static> = PoliciesOf { identity: Vec::new(), boundary: None };

fn everything(view: &Snapshot, account: Account) -> PoliciesOf<'_> {
    let arn = format!("arn:{}:iam::aws:policy/{EVERYTHING}", account.partition);
    let policy = managed::find(view, account, &arn);
    PoliciesOf {
        identity: policy.map(|policy| Held::managed(arn, policy)).into_iter().collect(),
        boundary: None,
    }
}

/// AWS: a federated user has what its user has and its session's policies allow: without any, nothing.
fn session_policies<'v>(
    view: &'v Snapshot,
    account: Account,
    session: &SessionPrincipal,
    compiled: &Compiled,
) -> Result<Option<Vec<(String, SessionPolicy<'v>)>>, Denied> {
    let may_have_none = matches!(session.lender, Lender::Role { .. });
    if may_have_none && session.policies.is_empty() && session.policy_arns.is_empty() {
        return Ok(None);
    }
    let mut policies = Vec::new();
    for (number, text) in session.policies.iter().enumerate() {
        let id = format!("SessionPolicy-{}", number + 1);
        let document = compiled.get(Kind::Identity, text).map_err(|bad| unreadable(&id, &bad))?;
        policies.push((id, SessionPolicy::Inline(document)));
    }
    for arn in &session.policy_arns {
        let policy = managed::find(view, account, arn);
        let policy = policy.ok_or_else(|| unreadable(arn, &Unreadable::Gone))?;
        policies.push((arn.clone(), SessionPolicy::Managed(policy)));
    }
    Ok(Some(policies))
}

impl SessionPolicy<'_> {
    fn attached<'a>(&'a self, id: &'a str) -> Result<Attached<'a>, Denied> {
        match self {
            SessionPolicy::Inline(document) => Ok(Attached::new(id, document)),
            SessionPolicy::Managed(policy) => {
                let document = policy.in_force().as_permissions();
                let document = document.map_err(|refused| unreadable(id, refused))?;
                Ok(Attached::new(id, document))
            }
        }
    }
}

fn gone(call: &Call) -> Denied {
    Denied(format!("User: {} acts for somebody who is not there any more.", call.principal_arn()))
}

/// Nothing may be decided by a policy that cannot be read: it might deny.
fn unreadable(policy: &str, refused: &impl fmt::Display) -> Denied {
    tracing::error!(policy, %refused, "a policy that is kept cannot be read");
    Denied(format!("The policy {policy} cannot be evaluated: {refused}"))
}
