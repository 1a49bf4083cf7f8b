//! AssumeRole: credentials of a role, for whoever its trust policy and the caller's own policies let in.
//!
//! Whether they do has been asked before: the access table has the role as the resource, and the authorizer its trust
//! policy.
//!
//! DEVIATES: the account's own key may assume roles as well, without asking their trust policies; AWS lets root assume none.

use std::sync::Arc;

use berth_aws_api::sts as api;
use berth_control::pipeline::{Call, Failure, Lender, PrincipalKind, SessionPrincipal};
use berth_model::Tags;

use super::session_input;
use crate::entity::Entity;
use crate::roles;
use crate::service::Identity;
use crate::sessions::{self, Holder};
use crate::tables::Account;

pub async fn assume_role(
    identity: Arc<Identity>,
    call: Call,
    input: api::AssumeRoleRequest,
) -> Result<api::AssumeRoleResponse, Failure<api::Error>> {
    session_input::refuse(&[
        ("SerialNumber", input.serial_number.is_some()),
        ("TokenCode", input.token_code.is_some()),
        ("ProvidedContexts", input.provided_contexts.as_ref().is_some_and(|all| !all.is_empty())),
        ("MinimumSessionTokenSize", input.minimum_session_token_size.is_some()),
    ])?;
    let account = Account::of(&call.scope);
    let view = identity.cell.snapshot();
    let arn = input.role_arn.unwrap_or_default();
    let role = roles::by_arn(&view, account, &arn)
        .ok_or_else(|| session_input::may_not_assume(&call, "sts:AssumeRole", &arn))?;
    let caller = match &call.principal.kind {
        PrincipalKind::Session(session) => Some(&**session),
        _ => None,
    };
    let role_seconds = i32::try_from(role.max_session_seconds).unwrap_or(i32::MAX);
    let (longest, too_long) = match caller {
        Some(_) => (
            session_input::AN_HOUR,
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ),
        None => (
            role_seconds,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
    };
    let longest = longest.min(role_seconds);
    let duration =
        session_input::duration(input.duration_seconds, session_input::DEFAULT, longest, too_long)?;
    let limits = session_input::limits(&view, account, input.policy, input.policy_arns)?;
    let nothing = Tags::new();
    let inherited = caller
        .map_or((&nothing, &[][..]), |session| (&session.tags, session.transitive_tags.as_slice()));
    let (tags, transitive_tags) =
        session_input::session_tags(input.tags, input.transitive_tag_keys, inherited)?;
    let source_identity = source_identity(caller, input.source_identity)?;
    let name = input.role_session_name.unwrap_or_default();
    let session = SessionPrincipal {
        name: name.clone(),
        lender: Lender::Role {
            id: role.about.id.to_string(),
            name: role.about.name.clone(),
            path: role.about.path.clone(),
        },
        issued_at: call.now,
        policies: limits.policies,
        policy_arns: limits.policy_arns,
        tags,
        transitive_tags,
        source_identity: source_identity.clone(),
        provider: caller.and_then(|session| session.provider.clone()),
    };
    let user = assumed_role_user(&call, &session);
    let (env, sealer) = (&identity.env, &identity.sealer);
    let issued = sessions::begin(
        env,
        sealer,
        account,
        Holder::Session(Box::new(session)),
        call.now,
        duration,
    );
    tracing::info!(role = role.arn(), session = name, by = %call.principal, "a role was assumed");
    Ok(api::AssumeRoleResponse {
        credentials: Some(session_input::credentials(issued)),
        assumed_role_user: Some(user),
        packed_policy_size: limits.packed,
        source_identity,
        session_token_utilization: None,
        session_token_size: None,
    })
}

/// AWS: it stays what it was once set, however many roles are assumed after each other.
fn source_identity(
    caller: Option<&SessionPrincipal>,
    given: Option<String>,
) -> Result<Option<String>, Failure<api::Error>> {
    let known = caller.and_then(|session| session.source_identity.clone());
    match (known, given) {
        (Some(known), Some(given)) if known != given => Err(session_input::denied(format!(
            "SourceIdentity was set to {known} and cannot be changed in later sessions."
        ))),
        (known, given) => Ok(known.or(given)),
    }
}

pub fn assumed_role_user(call: &Call, session: &SessionPrincipal) -> api::AssumedRoleUser {
    api::AssumedRoleUser {
        assumed_role_id: Some(session.user_id(call.scope.account)),
        arn: Some(session.arn(&call.scope)),
    }
}
