//! Sessions for services: what tasks and container instances act in.

use std::borrow::Cow;
use std::collections::BTreeMap;

use berth_control::pipeline::{Lender, SessionPrincipal};
use berth_control::ports::{RoleRefusal, RoleRequest, RoleSessions, SessionCredentials};
use berth_control::tables::View;
use berth_iam_policy::{Context, Principal, Value, Values};
use berth_model::Arn;

use crate::entity::Entity;
use crate::roles;
use crate::service::Identity;
use crate::sessions::{self, Holder};
use crate::tables::{Account, Role};

impl RoleSessions for Identity {
    fn assume(&self, request: RoleRequest<'_>) -> Result<SessionCredentials, RoleRefusal> {
        let view = self.cell.snapshot();
        let role = admitted(&view, &request)?;
        let RoleRequest { scope, session_name, duration, tags, now, .. } = request;
        let account = Account::of(scope);
        let about = &role.about;
        let session = SessionPrincipal {
            name: session_name.to_owned(),
            lender: Lender::Role {
                id: about.id.to_string(),
                name: about.name.clone(),
                path: about.path.clone(),
            },
            issued_at: now,
            policies: Vec::new(),
            policy_arns: Vec::new(),
            tags,
            transitive_tags: Vec::new(),
            source_identity: None,
            provider: None,
        };
        let holder = Holder::Session(Box::new(session));
        let issued = sessions::begin(&self.env, &self.sealer, account, holder, now, duration);
        Ok(SessionCredentials {
            role_arn: role.arn(),
            access_key_id: issued.access_key_id,
            secret_access_key: issued.secret_access_key,
            session_token: issued.session_token,
            expires_at: issued.expires_at,
        })
    }

    fn check(&self, request: &RoleRequest<'_>) -> Result<(), RoleRefusal> {
        admitted(&self.cell.snapshot(), request).map(drop)
    }
}

/// The role, if it is there and lets the service in.
fn admitted<'v>(view: &'v impl View, request: &RoleRequest<'_>) -> Result<&'v Role, RoleRefusal> {
    let RoleRequest { scope, role: given, session_name, service, ref source_arn, .. } = *request;
    let account = Account::of(scope);
    // A name alone is the end of an ARN, as it is judged when the role is passed: in its own case, with its path.
    let arn = match Arn::is_meant_by(given) {
        true => Cow::Borrowed(given),
        false => Cow::Owned(account.arn(&format!("role/{given}"))),
    };
    let role = roles::by_arn(view, account, &arn)
        .ok_or_else(|| RoleRefusal::NoSuchRole(given.to_owned()))?;
    let mut known = BTreeMap::from([
        ("aws:sourceaccount", account.id.to_string()),
        ("sts:rolesessionname", session_name.to_owned()),
    ]);
    known.extend(source_arn.clone().map(|arn| ("aws:sourcearn", arn)));
    let principal = Principal::Service { name: service };
    match roles::trusts(role, principal, "sts:AssumeRole", &Known(known)) {
        Ok(true) => Ok(role),
        Ok(false) => Err(RoleRefusal::NotTrusted { role: role.arn(), service }),
        Err(_) => Err(RoleRefusal::Unreadable(role.arn())),
    }
}

/// What is known when nobody calls.
struct Known(BTreeMap<&'static str, String>);

impl Context for Known {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        Some(Values::One(Value::from(self.0.get(key)?.as_str())))
    }
}
