//! What an operation is told about the request it serves, beside its input.

use std::fmt;
use std::net::IpAddr;
use std::sync::OnceLock;

use berth_model::{Scope, Timestamp};
use http::uri::Authority;

use super::{Principal, PrincipalKind, RequestId};
use crate::cell::{Cell, Snapshot};

/// One request, authenticated and authorised.
#[derive(Clone, Debug)]
pub struct Call {
    pub request_id: RequestId,
    /// The account and region that the caller addresses: a world of its own.
    pub scope: Scope,
    pub principal: Principal,
    /// When the request came. Records take their times from here, not from a clock.
    pub now: Timestamp,
    /// Where the request came from.
    pub source: IpAddr,
    /// Whether it came by TLS.
    pub secure: bool,
    /// How the caller addressed this server: `host:port`, as its `Host` header or its HTTP/2 request has it.
    pub authority: Option<Authority>,
    pub seen: Seen,
}

/// The state that a call was judged by, once somebody has asked for it.
#[derive(Default)]
pub struct Seen(OnceLock<Snapshot>);

/// A copy has seen nothing yet. Copies are for who outlives the request, such as what a web socket is judged by again: they
/// would keep every row of this moment in memory, and not know what came since.
impl Clone for Seen {
    fn clone(&self) -> Self {
        Seen::default()
    }
}

/// Says nothing of what is in it.
impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seen")
    }
}

impl Call {
    /// One state for everybody who asks about this call: for operations that find by themselves what they are about, and
    /// must find nothing else than what was judged. The same cell every time.
    pub fn view(&self, cell: &Cell) -> &Snapshot {
        self.seen.0.get_or_init(|| cell.snapshot())
    }

    /// The caller's name in AWS's form.
    ///
    /// AWS: the account's own key is its root user; an agent acts in its host's role.
    pub fn principal_arn(&self) -> String {
        let (partition, account) = (self.scope.partition, self.scope.account);
        match &self.principal.kind {
            // Nobody proved anything with `--auth open`, where everyone may do everything.
            PrincipalKind::Administrator | PrincipalKind::Anonymous => {
                format!("arn:{partition}:iam::{account}:root")
            }
            PrincipalKind::User(user) => user.arn(&self.scope),
            PrincipalKind::Session(session) => session.arn(&self.scope),
            PrincipalKind::Agent { host } => {
                format!(
                    "arn:{partition}:sts::{account}:assumed-role/berth-container-instance/{host}"
                )
            }
        }
    }

    /// What policies call the caller: a session is known by its role.
    pub fn policy_arn(&self) -> String {
        match &self.principal.kind {
            PrincipalKind::Session(session) => session.lender_arn(&self.scope),
            _ => self.principal_arn(),
        }
    }

    /// What never names anybody else, whatever names are given anew.
    pub fn user_id(&self) -> String {
        let account = self.scope.account;
        match &self.principal.kind {
            PrincipalKind::Administrator | PrincipalKind::Anonymous => account.to_string(),
            PrincipalKind::User(user) => user.id.clone(),
            PrincipalKind::Session(session) => session.user_id(account),
            PrincipalKind::Agent { host } => format!("berth-container-instance:{host}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use berth_store::MemoryStore;

    use super::*;
    use crate::cell::tests::fixture::open;

    #[tokio::test]
    async fn who_keeps_a_call_does_not_keep_the_state_of_that_moment() {
        let cell = open(&MemoryStore::new()).await;
        let seen = Seen::default();
        seen.0.get_or_init(|| cell.snapshot());
        assert!(seen.clone().0.get().is_none());
    }
}
