//! When keys and roles were used: written down now and then, never while anybody waits.

use std::convert::Infallible;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use berth_control::pipeline::{Call, Lender, PrincipalKind};
use berth_model::Timestamp;

use crate::Identity;
use crate::tables::LastUse;

/// AWS: what is shown is about as exact as that.
const EXACT: Duration = Duration::from_secs(15 * 60);

/// When a caller's use was written down last; it is kept with the caller's grounds, and begins anew with them.
pub struct LastNote(AtomicI64);

impl LastNote {
    pub fn none() -> Self {
        LastNote(AtomicI64::new(i64::MIN))
    }

    /// Costs nothing, unless the last note is old.
    pub fn note(&self, identity: &Identity, call: &Call, service: &'static str) {
        if !self.is_old(call.now) {
            return;
        }
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

    fn is_old(&self, now: Timestamp) -> bool {
        let noted = self.0.load(Ordering::Relaxed);
        if noted != i64::MIN && now.since(Timestamp::from_millis(noted)) < EXACT {
            return false;
        }
        // Of several that find it old at once, one writes it down.
        let exchanged =
            self.0.compare_exchange(noted, now.as_millis(), Ordering::Relaxed, Ordering::Relaxed);
        exchanged.is_ok()
    }
}
