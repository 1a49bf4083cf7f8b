//! Temporary credentials: what is said of a session, and how it travels.
//!
//! There are no rows of sessions. A session token is a sealed statement of everything that is known about one, its
//! secret key included, so that whoever has the data keys needs nothing else to know it: after a restart, on another
//! server, a million times over. What is *not* in it is what the session may do: that is read from its role at each call.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_control::env::Env;
use berth_control::pipeline::SessionPrincipal;
use berth_control::sealing::{Purpose, Sealed, Sealer};
use berth_model::Timestamp;
use minicbor::{Decode, Encode};

use crate::random;
use crate::tables::{Account, UniqueId};

/// AWS: temporary keys begin with this, lasting ones with `AKIA`.
pub const TEMPORARY: &str = "ASIA";

/// AWS: no session that a caller begins is longer. Those of tasks are as long as the server's settings say.
pub const LONGEST: Duration = Duration::from_secs(36 * 60 * 60);

const PURPOSE: Purpose<'static> = Purpose { kind: "sts.session", of: b"" };

/// What a caller of STS is given.
#[derive(Clone)]
pub struct Issued {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
    pub expires_at: Timestamp,
}

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Holder {
    #[n(0)]
    Root,
    /// A user as itself.
    #[n(1)]
    User(#[n(0)] UniqueId),
    /// Somebody in a role, or a federated user.
    #[n(2)]
    Session(#[n(0)] Box<SessionPrincipal>),
}

/// What a token says. Tokens live for hours: their fields are as lasting as those of tables.
#[derive(Encode, Decode)]
pub struct Statement {
    #[n(0)]
    pub access_key_id: String,
    #[n(1)]
    pub secret_access_key: String,
    #[n(2)]
    pub account: Account,
    #[n(3)]
    pub issued_at: Timestamp,
    #[n(4)]
    pub expires_at: Timestamp,
    #[n(5)]
    pub holder: Holder,
}

/// Begins a session.
pub fn begin(
    env: &Env,
    sealer: &Sealer,
    account: Account,
    holder: Holder,
    now: Timestamp,
    duration: Duration,
) -> Issued {
    let statement = Statement {
        access_key_id: format!("{TEMPORARY}{}", random::text(env, random::UPPER, 16)),
        secret_access_key: random::text(env, random::BASE64, 40),
        account,
        issued_at: now,
        expires_at: now + duration,
        holder,
    };
    let bytes = minicbor::to_vec(&statement).expect("a vector takes everything");
    let sealed = sealer.seal(PURPOSE, &bytes);
    let Statement { access_key_id, secret_access_key, expires_at, .. } = statement;
    let session_token = STANDARD.encode(sealed.as_bytes());
    Issued { access_key_id, secret_access_key, session_token, expires_at }
}

/// What a token of this key says, whether or not it is over; `None` for one that is not ours.
pub fn read(sealer: &Sealer, access_key_id: &str, token: &str) -> Option<Statement> {
    let sealed = Sealed::from_bytes(STANDARD.decode(token).ok()?);
    let bytes = sealer.unseal(PURPOSE, &sealed).ok()?;
    let statement: Statement = minicbor::decode(&bytes).ok()?;
    (statement.access_key_id == access_key_id).then_some(statement)
}

/// Never shows what is secret.
impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued")
            .field("access_key_id", &self.access_key_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
