//! When keys and roles were used: written down now and then, never while anybody waits.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use berth_control::pipeline::{Call, Lender, PrincipalKind};
use berth_model::Timestamp;

use crate::Identity;
use crate::tables::LastUse;

/// AWS: what is shown is about as exact as that.
const EXACT: Duration = Duration::from_secs(15 * 60);

/// What was written down last, by what it was of.
#[derive(Default)]
pub struct LastUses(Mutex<HashMap<String, Timestamp>>);

impl LastUses {
    /// Costs one look into a map, unless the last note is old.
    pub fn note(&self, identity: &Identity, call: &Call, service: &'static str) {
        let of = match &call.principal.kind {
            PrincipalKind::User(user) if user.token_issued_at.is_none() => {
                call.principal.access_key_id.as_deref()
            }
            PrincipalKind::Session(session) => match &session.lender {
                Lender::Role { id, .. } => Some(id.as_str()),
                Lender::FederatedBy { .. } | Lender::Root => None,
            },
            _ => None,
        };
        let Some(of) = of else { return };
        if !self.is_old(of, call.now) {
            return;
        }
        let row = LastUse {
            of: of.to_owned(),
            at: call.now,
            service: service.to_owned(),
            region: call.scope.region.clone(),
        };
        let cell = identity.cell.clone();
        tokio::spawn(async move {
            let written = cell.write(move |tx| {
                tx.put(row);
                Ok::<_, Infallible>(())
            });
            // A server that cannot write has told so; nobody rests on this.
            written.await.ok();
        });
    }

    fn is_old(&self, of: &str, now: Timestamp) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(of).is_some_and(|at| now.since(*at) < EXACT) {
            return false;
        }
        noted.insert(of.to_owned(), now);
        true
    }
}
