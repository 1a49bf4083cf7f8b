//! AssumeRoleWithWebIdentity: credentials of a role for whoever shows a token of a provider that the role trusts.
//!
//! The request is not signed: the token is all there is. The provider is one of the account's own, the token must be by it
//! and for one of its client ids, and the role's trust policy decides by the claims (`ISSUER:sub`, `ISSUER:aud`, …).

use std::sync::Arc;

use berth_aws_api::sts as api;
use berth_control::pipeline::access::{KeyValue, Keys};
use berth_control::pipeline::{Call, CommonError, Failure, Lender, SessionPrincipal};
use berth_iam_policy::{Context, Principal, Value, Values};
use berth_model::Tags;

use super::assume_role::assumed_role_user;
use super::session_input;
use crate::authorizer::CallContext;
use crate::roles;
use crate::service::Identity;
use crate::sessions::{self, Holder};
use crate::tables::{Account, OpenIdConnectProvider, Role};
use crate::web_identity::{Claims, Refused, Unverified};

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

pub async fn assume_role_with_web_identity(
    identity: Arc<Identity>,
    call: Call,
    input: api::AssumeRoleWithWebIdentityRequest,
) -> Result<api::AssumeRoleWithWebIdentityResponse, Failure<api::Error>> {
    // AWS: for tokens of OAuth 2.0, which are not OpenID Connect's.
    session_input::refuse(&[
        ("ProviderId", input.provider_id.is_some()),
        ("MinimumSessionTokenSize", input.minimum_session_token_size.is_some()),
    ])?;
    let account = Account::of(&call.scope);
    let token = input.web_identity_token.unwrap_or_default();
    let unverified = Unverified::read(&token).map_err(refused)?;
    let issuer = unverified.issuer().map_err(refused)?.to_owned();
    let view = identity.cell.snapshot();
    let provider =
        view.get::<OpenIdConnectProvider>(&(account, issuer.clone())).ok_or_else(|| {
            let message =
                format!("No OpenIDConnect provider found in your account for https://{issuer}");
            api::Error::invalid_identity_token(message)
        })?;
    let keys = identity.key_files.of(&issuer).await;
    let keys = keys.map_err(api::Error::idp_communication_error)?;
    let claims = unverified.verify(&keys, provider.client_ids.iter(), call.now).map_err(refused)?;

    let arn = input.role_arn.unwrap_or_default();
    let role = roles::by_arn(&view, account, &arn);
    let role = role.ok_or_else(not_authorized)?;
    let name = input.role_session_name.unwrap_or_default();
    let trusted = {
        let resource = berth_control::pipeline::access::Resource::new(&arn);
        let keys = Keys::new().with("sts:RoleSessionName", name.as_str());
        let of_call = CallContext {
            view: &view,
            call: &call,
            headers: None,
            resource: &resource,
            keys: &keys,
        };
        let of_token = OfToken { issuer: &issuer, claims: &claims };
        let principal = Principal::Federated { provider: &provider.arn() };
        roles::trusts(role, principal, ACTION, &(of_token, of_call))
    };
    match trusted {
        Ok(true) => {}
        Ok(false) => return Err(not_authorized()),
        Err(unreadable) => return Err(Failure::internal(unreadable)),
    }
    let limits = session_input::limits(&view, account, input.policy, input.policy_arns)?;
    let duration = session_input::duration(
        input.duration_seconds,
        session_input::DEFAULT,
        i32::try_from(role.max_session_seconds).unwrap_or(i32::MAX),
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )?;
    let session = SessionPrincipal {
        name,
        lender: lender(role),
        issued_at: call.now,
        policies: limits.policies,
        policy_arns: limits.policy_arns,
        tags: Tags::new(),
        transitive_tags: Vec::new(),
        source_identity: None,
        provider: Some(provider.arn()),
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
    let subject = claims.text("sub").unwrap_or_default();
    tracing::info!(role = arn, issuer, subject, "a role was assumed with a token");
    Ok(api::AssumeRoleWithWebIdentityResponse {
        credentials: Some(session_input::credentials(issued)),
        subject_from_web_identity_token: Some(subject.to_owned()),
        assumed_role_user: Some(user),
        packed_policy_size: limits.packed,
        provider: Some(provider.arn()),
        audience: claims.audience().map(str::to_owned),
        source_identity: None,
        session_token_utilization: None,
        session_token_size: None,
    })
}

pub fn lender(role: &Role) -> Lender {
    Lender::Role {
        id: role.about.id.to_string(),
        name: role.about.name.clone(),
        path: role.about.path.clone(),
    }
}

/// The claims as condition keys: `ISSUER:sub`.
struct OfToken<'a> {
    issuer: &'a str,
    claims: &'a Claims,
}

impl Context for OfToken<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let name = key.get(self.issuer.len()..)?.strip_prefix(':')?;
        if !key[..self.issuer.len()].eq_ignore_ascii_case(self.issuer) {
            return None;
        }
        let mut claims = self.claims.keys();
        let (_, value) = claims.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(match value {
            KeyValue::One(one) => Values::One(Value::text(one.to_string())),
            KeyValue::Many(many) => Values::Many(many.into_iter().map(Value::text).collect()),
        })
    }
}

/// AWS: nobody is told whether there is such a role.
fn not_authorized() -> Failure<api::Error> {
    Failure::common(CommonError::AccessDenied(format!("Not authorized to perform {ACTION}")))
}

fn refused(refused: Refused) -> api::Error {
    match refused {
        Refused::Invalid(message) => api::Error::invalid_identity_token(message),
        Refused::Expired => api::Error::expired_token("Token expired: the exp claim has passed."),
    }
}
