//! GetFederationToken: credentials for somebody whom a user vouches for, with no more than the policies given along.

use std::sync::Arc;

use berth_aws_api::sts as api;
use berth_control::pipeline::{Call, Failure, Lender, PrincipalKind, SessionPrincipal};
use berth_model::Tags;

use super::session_input;
use crate::service::Identity;
use crate::sessions::{self, Holder};
use crate::tables::Account;

/// AWS: in seconds.
const DEFAULT: i32 = 43_200;
const LONGEST: i32 = 129_600;

pub async fn get_federation_token(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetFederationTokenRequest,
) -> Result<api::GetFederationTokenResponse, Failure<api::Error>> {
    let minimum = input.minimum_session_token_size.is_some();
    session_input::refuse(&[("MinimumSessionTokenSize", minimum)])?;
    let (lender, longest) = match &call.principal.kind {
        PrincipalKind::User(user) => {
            let (id, name, path) = (user.id.clone(), user.name.clone(), user.path.clone());
            (Lender::FederatedBy { id, name, path }, LONGEST)
        }
        PrincipalKind::Administrator => (Lender::Root, session_input::AN_HOUR),
        PrincipalKind::Anonymous | PrincipalKind::Session(_) | PrincipalKind::Agent { .. } => {
            let message = "Cannot call GetFederationToken with session credentials";
            return Err(session_input::denied(message.to_owned()));
        }
    };
    let too_long = format!("DurationSeconds must be at most {longest} for these credentials.");
    let duration = session_input::duration(input.duration_seconds, DEFAULT, longest, &too_long)?;
    let account = Account::of(&call.scope);
    let view = identity.cell.snapshot();
    let limits = session_input::limits(&view, account, input.policy, input.policy_arns)?;
    let (tags, _) = session_input::session_tags(input.tags, None, (&Tags::new(), &[]))?;
    let session = SessionPrincipal {
        name: input.name.unwrap_or_default(),
        lender,
        issued_at: call.now,
        policies: limits.policies,
        policy_arns: limits.policy_arns,
        tags,
        transitive_tags: Vec::new(),
        source_identity: None,
        provider: None,
    };
    let federated_user = api::FederatedUser {
        federated_user_id: Some(session.user_id(call.scope.account)),
        arn: Some(session.arn(&call.scope)),
    };
    let (env, sealer) = (&identity.env, &identity.sealer);
    let issued = sessions::begin(
        env,
        sealer,
        account,
        Holder::Session(Box::new(session)),
        call.now,
        duration,
    );
    Ok(api::GetFederationTokenResponse {
        credentials: Some(session_input::credentials(issued)),
        federated_user: Some(federated_user),
        packed_policy_size: limits.packed,
        session_token_utilization: None,
        session_token_size: None,
    })
}
