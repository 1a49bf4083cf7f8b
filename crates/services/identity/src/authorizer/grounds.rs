//! What decisions about a caller rest on, whatever it asks for: who it is to policies, and which of them bear on it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use berth_control::cell::{Remembered, Snapshot};
use berth_control::pipeline::access::{Action, Realm};
use berth_control::pipeline::{Call, Denied, Lender, PrincipalKind, SessionPrincipal};
use berth_control::tables::{Record, TableId};
use berth_iam_policy::{Attached, Document, Kind, Policies, Shortlist};
use smallvec::SmallVec;

use super::Compiled;
use super::context::OwnKeys;
use super::last_uses::LastNote;
use crate::managed::{self, Managed};
use crate::policies_of::{Held, PoliciesOf, Unreadable, Who, policies_of};
use crate::tables::{Account, EntityKey, Group, Policy, PolicyText, Role, UniqueId, User};

/// What gives the account's own key its permissions, where somebody acts for it.
const EVERYTHING: &str = "AdministratorAccess";

/// Everything that grounds are made of, beside who calls.
static TABLES: [TableId; 4] = [User::TABLE, Group::TABLE, Role::TABLE, Policy::TABLE];

/// As many callers as are remembered.
const MOST: usize = 4096;

/// As many realms as are remembered with an action.
const MOST_REALMS: usize = 64;

/// Of one caller.
pub struct Grounds {
    pub arn: String,
    /// The role's, or the federating user's; nothing for whoever is in no session.
    pub lender_arn: String,
    identity: Vec<Bearing>,
    boundary: Option<Bearing>,
    /// `None` for whoever is in no session, or in one that was begun without policies of its own.
    session: Option<Vec<Bearing>>,
    pub last_note: LastNote,
    /// By the actions that were asked for. As many as there are in all, at most.
    known: RwLock<HashMap<Action, About, foldhash::fast::RandomState>>,
}

/// What is known of a caller and one action.
struct About {
    shortlist: Arc<Shortlist>,
    /// Whether the action is allowed on everything in there.
    realms: SmallVec<[(Arc<Realm>, bool); 2]>,
}

/// A policy that bears on what somebody may do.
pub struct Bearing {
    id: String,
    says: Says,
}

enum Says {
    Kept(PolicyText),
    /// Of a session: it is in no row.
    Brought(Arc<Document>),
    /// A row speaks of it, and nobody knows it.
    Lost,
}

/// The grounds of who called lately, by their access keys, until anybody's policies change.
pub struct KnownGrounds(Remembered<Arc<str>, Known>);

#[derive(Clone)]
struct Known {
    account: Account,
    holder: PrincipalKind,
    grounds: Arc<Grounds>,
}

impl Default for KnownGrounds {
    fn default() -> Self {
        KnownGrounds(Remembered::of(&TABLES, MOST))
    }
}

impl KnownGrounds {
    pub fn of(
        &self,
        view: &Snapshot,
        call: &Call,
        compiled: &Compiled,
    ) -> Result<Arc<Grounds>, Denied> {
        let (account, holder) = (Account::of(&call.scope), &call.principal.kind);
        let key = call.principal.access_key_id.as_ref();
        let known = key.and_then(|key| self.0.get(view, key));
        if let Some(known) = known.filter(|it| it.account == account && it.holder == *holder) {
            return Ok(known.grounds);
        }
        let grounds = Arc::new(Grounds::of(view, call, compiled)?);
        if let Some(key) = key {
            let known = Known { account, holder: holder.clone(), grounds: grounds.clone() };
            self.0.keep(view, key.clone(), known);
        }
        Ok(grounds)
    }
}

impl Grounds {
    fn of(view: &Snapshot, call: &Call, compiled: &Compiled) -> Result<Self, Denied> {
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
        let (session, lender_arn) = match &call.principal.kind {
            PrincipalKind::Session(session) => (
                session_policies(view, account, session, compiled)?,
                session.lender_arn(&call.scope),
            ),
            _ => (None, String::new()),
        };
        Ok(Grounds {
            arn: call.principal_arn(),
            lender_arn,
            identity: held.identity.iter().map(Bearing::held).collect(),
            boundary: held.boundary.as_ref().map(Bearing::held),
            session,
            last_note: LastNote::none(),
            known: RwLock::default(),
        })
    }

    /// All policies that bear on the caller. Denied if one of them cannot be read.
    pub fn with_policies<T>(&self, and_then: impl FnOnce(Policies<'_>) -> T) -> Result<T, Denied> {
        let identity = attached(&self.identity)?;
        let session = self.session.as_deref().map(attached).transpose()?;
        Ok(and_then(Policies {
            identity: &identity,
            boundary: self.boundary.as_ref().map(Bearing::attached).transpose()?,
            session: session.as_deref(),
            resource: None,
        }))
    }

    /// What of these policies names an action.
    pub fn shortlist(&self, action: &Action) -> Result<Arc<Shortlist>, Denied> {
        // Nothing can panic while it is locked.
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(about) = known.get(action) {
            return Ok(about.shortlist.clone());
        }
        drop(known);
        let shortlist =
            self.with_policies(|policies| Arc::new(Shortlist::of(&policies, action)))?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let about =
            known.entry(action.clone()).or_insert(About { shortlist, realms: SmallVec::new() });
        Ok(about.shortlist.clone())
    }

    /// Whether they allow an action on everything in a realm.
    pub fn allow_all(&self, action: &Action, realm: &Arc<Realm>) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let about = known.get(action);
        if let Some(allowed) = about.and_then(|about| about.allows_all(realm)) {
            return allowed;
        }
        drop(known);
        // What cannot be read is told when single things are asked about.
        let Ok(shortlist) = self.shortlist(action) else { return false };
        let allowed = shortlist.allows_all(realm.prefix(), &OwnKeys(realm.keys()));
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(about) = known.get_mut(action) {
            about.learn(realm, allowed);
        }
        allowed
    }
}

impl About {
    fn allows_all(&self, realm: &Arc<Realm>) -> Option<bool> {
        let known = self.realms.iter().find(|(known, _)| Arc::ptr_eq(known, realm));
        known.map(|(_, allowed)| *allowed)
    }

    fn learn(&mut self, realm: &Arc<Realm>, allowed: bool) {
        if self.realms.len() >= MOST_REALMS {
            self.realms.clear();
        }
        self.realms.push((realm.clone(), allowed));
    }
}

impl Bearing {
    fn held(held: &Held<'_>) -> Self {
        let says = held.text().map_or(Says::Lost, |text| Says::Kept(text.clone()));
        Bearing { id: held.id().to_owned(), says }
    }

    /// For deciding. Nothing may be decided without it: it might deny, or be a boundary.
    fn attached(&self) -> Result<Attached<'_>, Denied> {
        let document = match &self.says {
            Says::Kept(text) => {
                text.as_permissions().map_err(|refused| unreadable(&self.id, refused))?
            }
            Says::Brought(document) => document,
            Says::Lost => return Err(unreadable(&self.id, &Unreadable::Gone)),
        };
        Ok(Attached::new(&self.id, document))
    }
}

fn attached(policies: &[Bearing]) -> Result<Vec<Attached<'_>>, Denied> {
    policies.iter().map(Bearing::attached).collect()
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
fn session_policies(
    view: &Snapshot,
    account: Account,
    session: &SessionPrincipal,
    compiled: &Compiled,
) -> Result<Option<Vec<Bearing>>, Denied> {
    let may_have_none = matches!(session.lender, Lender::Role { .. });
    if may_have_none && session.policies.is_empty() && session.policy_arns.is_empty() {
        return Ok(None);
    }
    let mut policies = Vec::new();
    for (number, text) in session.policies.iter().enumerate() {
        let id = format!("SessionPolicy-{}", number + 1);
        let document = compiled.get(Kind::Identity, text).map_err(|bad| unreadable(&id, &bad))?;
        policies.push(Bearing { id, says: Says::Brought(document) });
    }
    for arn in &session.policy_arns {
        let policy = managed::find(view, account, arn);
        let policy = policy.ok_or_else(|| unreadable(arn, &Unreadable::Gone))?;
        let says = Says::Kept(Managed::in_force(&policy).clone());
        policies.push(Bearing { id: arn.clone(), says });
    }
    Ok(Some(policies))
}

fn gone(call: &Call) -> Denied {
    Denied(format!("User: {} acts for somebody who is not there any more.", call.principal_arn()))
}

pub fn unreadable(policy: &str, refused: &impl fmt::Display) -> Denied {
    tracing::error!(policy, %refused, "a policy that is kept cannot be read");
    Denied(format!("The policy {policy} cannot be evaluated: {refused}"))
}
