//! The credentials of users and sessions, for whoever checks signatures.

mod access_keys;
mod temporary;

use std::sync::Arc;

use berth_control::pipeline::{PrincipalKind, UserPrincipal};
use berth_model::Timestamp;

use crate::tables::User;

pub use access_keys::AccessKeys;
pub use temporary::TemporaryKeys;

/// As many keys as are remembered unsealed.
const MOST: usize = 4096;

/// A user as a caller.
fn holder(user: &User, token_issued_at: Option<Timestamp>) -> PrincipalKind {
    PrincipalKind::User(Arc::new(UserPrincipal {
        id: user.about.id.to_string(),
        name: user.about.name.clone(),
        path: user.about.path.clone(),
        token_issued_at,
    }))
}
