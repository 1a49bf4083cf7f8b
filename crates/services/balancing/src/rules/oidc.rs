//! Actions that ask an issuer of OpenID Connect who the user is. Their client secret is never shown, and sealed.

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::Failure;
use berth_control::sealing::{Sealed, Sealer, Unsealing};
use zeroize::Zeroizing;

use super::actions::{Owner, without_config};
use crate::service::Balancing;
use crate::tables::{Actions, ElbId, Protocol};

/// AWS: seven days.
const LONGEST_SESSION: i64 = 604_800;
const KEY: usize = 32;

/// The key of the cookies, which every proxy has, and what the issuer knows the client by.
pub struct ClientSecret {
    pub cookie_key: [u8; KEY],
    pub secret: Zeroizing<String>,
}

/// The action as it is shown, and its secret.
pub fn accept(
    balancing: &Balancing,
    owner: &Owner<'_>,
    mut action: api::Action,
    before: Option<&Actions>,
) -> Result<(api::Action, Sealed), Failure<api::Error>> {
    if owner.protocol != Protocol::Https {
        return Err(api::Error::invalid_load_balancer_action(
            "Actions of type 'authenticate-oidc' are supported only on HTTPS listeners",
        )
        .into());
    }
    let Some(config) = &mut action.authenticate_oidc_config else {
        return Err(without_config("authenticate-oidc").into());
    };
    for url in [
        &config.issuer,
        &config.authorization_endpoint,
        &config.token_endpoint,
        &config.user_info_endpoint,
    ] {
        let url = url.as_deref().unwrap_or_default();
        if !url.starts_with("https://") {
            return Err(api::Error::validation(format!(
                "'{url}' must be a full URL, with the HTTPS protocol, a domain and a path"
            ))
            .into());
        }
    }
    let seconds = *config.session_timeout.get_or_insert(LONGEST_SESSION);
    if !(1..=LONGEST_SESSION).contains(&seconds) {
        return Err(api::Error::validation(format!(
            "Session timeout '{seconds}' must be between '1' and '{LONGEST_SESSION}' seconds inclusive"
        ))
        .into());
    }
    let extra = config.authentication_request_extra_params.iter().flatten().count();
    if extra > 10 {
        return Err(api::Error::validation(
            "AuthenticationRequestExtraParams can have at most 10 parameters",
        )
        .into());
    }
    config.session_cookie_name.get_or_insert_with(|| "AWSELBAuthSessionCookie".to_owned());
    config.scope.get_or_insert_with(|| "openid".to_owned());
    config
        .on_unauthenticated_request
        .get_or_insert(api::AuthenticateOidcActionConditionalBehaviorEnum::Authenticate);
    let given = config.client_secret.take().map(Zeroizing::new);
    let uses_existing = config.use_existing_client_secret.take() == Some(true);
    let existing = before.and_then(|before| before.secret.clone());
    let sealed = match (given, existing) {
        (Some(_), _) if uses_existing => {
            return Err(api::Error::validation(
                "You cannot specify a client secret and use the existing one",
            )
            .into());
        }
        (Some(secret), existing) => {
            seal(balancing, owner.id, &secret, existing.as_ref()).map_err(Failure::internal)?
        }
        (None, Some(existing)) if uses_existing => existing,
        (None, _) => {
            return Err(api::Error::validation("A client secret must be specified").into());
        }
    };
    Ok((action, sealed))
}

/// The cookies of those who are signed in outlive a new client secret.
fn seal(
    balancing: &Balancing,
    owner: ElbId,
    secret: &str,
    existing: Option<&Sealed>,
) -> Result<Sealed, Unsealing> {
    let mut cookie_key = [0; KEY];
    match existing {
        Some(existing) => cookie_key = open(&balancing.sealer, owner, existing)?.cookie_key,
        None => balancing.env.ids.fill(&mut cookie_key),
    }
    let mut plain = Zeroizing::new(cookie_key.to_vec());
    plain.extend_from_slice(secret.as_bytes());
    let of = Actions::purpose_of(owner);
    Ok(balancing.sealer.seal(Actions::purpose(&of), &plain))
}

pub fn open(sealer: &Sealer, owner: ElbId, sealed: &Sealed) -> Result<ClientSecret, Unsealing> {
    let of = Actions::purpose_of(owner);
    let plain = sealer.unseal(Actions::purpose(&of), sealed)?;
    let (key, secret) = plain.split_first_chunk::<KEY>().ok_or(Unsealing::Damaged)?;
    let secret = std::str::from_utf8(secret).map_err(|_| Unsealing::Damaged)?;
    Ok(ClientSecret { cookie_key: *key, secret: Zeroizing::new(secret.to_owned()) })
}
