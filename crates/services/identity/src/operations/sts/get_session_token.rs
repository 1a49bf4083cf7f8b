//! GetSessionToken: temporary credentials for a user as itself.

use std::sync::Arc;

use berth_aws_api::sts as api;
use berth_control::pipeline::{Call, Failure, PrincipalKind};

use super::session_input;
use crate::service::Identity;
use crate::sessions::{self, Holder};
use crate::tables::{Account, UniqueId};

/// AWS: in seconds.
const DEFAULT: i32 = 43_200;
const LONGEST: i32 = 129_600;

pub async fn get_session_token(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetSessionTokenRequest,
) -> Result<api::GetSessionTokenResponse, Failure<api::Error>> {
    session_input::refuse(&[
        ("SerialNumber", input.serial_number.is_some()),
        ("TokenCode", input.token_code.is_some()),
        ("MinimumSessionTokenSize", input.minimum_session_token_size.is_some()),
    ])?;
    let (holder, longest) = match &call.principal.kind {
        PrincipalKind::User(user) => (Holder::User(UniqueId::from(user.id.as_str())), LONGEST),
        PrincipalKind::Administrator => (Holder::Root, session_input::AN_HOUR),
        PrincipalKind::Anonymous | PrincipalKind::Session(_) | PrincipalKind::Agent { .. } => {
            let message = "Cannot call GetSessionToken with session credentials";
            return Err(session_input::denied(message.to_owned()));
        }
    };
    let too_long = format!("DurationSeconds must be at most {longest} for these credentials.");
    let duration = session_input::duration(input.duration_seconds, DEFAULT, longest, &too_long)?;
    let account = Account::of(&call.scope);
    let issued =
        sessions::begin(&identity.env, &identity.sealer, account, holder, call.now, duration);
    Ok(api::GetSessionTokenResponse {
        credentials: Some(session_input::credentials(issued)),
        session_token_utilization: None,
        session_token_size: None,
    })
}
