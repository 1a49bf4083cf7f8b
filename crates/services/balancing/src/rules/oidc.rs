//! Actions that ask an issuer of OpenID Connect who the user is. Their client secret is never shown, and sealed.

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::Failure;
use berth_control::sealing::{Sealed, Sealer, Unsealing};
use http::Uri;
use zeroize::Zeroizing;

use super::actions::{Owner, without_config};
use crate::service::Balancing;
use crate::tables::{Actions, ElbId, Protocol};

/// AWS: seven days.
const LONGEST_SESSION: i64 = 604_800;
/// So that a cookie of 4 KB has room for its value.
const LONGEST_COOKIE_NAME: usize = 128;

/// What every request to an authorization endpoint says in the balancer's own words, or would have the answer come
/// where the balancer does not see it.
///
/// DEVIATES: ELB takes any names in AuthenticationRequestExtraParams; Berth refuses those that would replace what it sends itself.
const OWN_PARAMETERS: [&str; 9] = [
    "client_id",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

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
        check_url(url.as_deref().unwrap_or_default())?;
    }
    let seconds = *config.session_timeout.get_or_insert(LONGEST_SESSION);
    if !(1..=LONGEST_SESSION).contains(&seconds) {
        return Err(api::Error::validation(format!(
            "Session timeout '{seconds}' must be between '1' and '{LONGEST_SESSION}' seconds inclusive"
        ))
        .into());
    }
    let extra = config.authentication_request_extra_params.iter().flatten();
    check_parameters(extra.map(|(name, _)| name.as_str()))?;
    let cookie =
        config.session_cookie_name.get_or_insert_with(|| "AWSELBAuthSessionCookie".to_owned());
    check_cookie(cookie)?;
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
        (Some(secret), _) => seal(&balancing.sealer, owner.id, &secret),
        (None, Some(existing)) if uses_existing => existing,
        (None, _) => {
            return Err(api::Error::validation("A client secret must be specified").into());
        }
    };
    Ok((action, sealed))
}

fn check_url(url: &str) -> Result<(), api::Error> {
    let is_full = |uri: &Uri| {
        let has_host = uri.host().is_some_and(|host| !host.is_empty());
        let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        uri.scheme_str() == Some("https") && has_host && !has_user
    };
    // A URI of HTTP has no fragment: one that was written would be lost.
    match url.parse() {
        Ok(uri) if is_full(&uri) && !url.contains('#') => Ok(()),
        _ => Err(api::Error::validation(format!(
            "'{url}' must be a full URL, with the HTTPS protocol, a domain and a path"
        ))),
    }
}

fn check_parameters<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), api::Error> {
    let mut count = 0;
    for name in names {
        count += 1;
        if OWN_PARAMETERS.contains(&name) {
            return Err(api::Error::validation(format!(
                "AuthenticationRequestExtraParams cannot have '{name}', which the load balancer sends itself"
            )));
        }
    }
    if count > 10 {
        return Err(api::Error::validation(
            "AuthenticationRequestExtraParams can have at most 10 parameters",
        ));
    }
    Ok(())
}

fn check_cookie(name: &str) -> Result<(), api::Error> {
    // RFC 6265, 4.1.1: a token.
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !br#"()<>@,;:\"/[]?={}"#.contains(&byte);
    if name.is_empty() || name.len() > LONGEST_COOKIE_NAME || !name.bytes().all(is_allowed) {
        return Err(api::Error::validation(format!(
            "Session cookie name '{name}' must be a name of a cookie, of {LONGEST_COOKIE_NAME} characters at most"
        )));
    }
    Ok(())
}

fn seal(sealer: &Sealer, owner: ElbId, secret: &str) -> Sealed {
    let of = Actions::purpose_of(owner);
    sealer.seal(Actions::purpose(&of), secret.as_bytes())
}

/// The client secret.
pub fn open(
    sealer: &Sealer,
    owner: ElbId,
    sealed: &Sealed,
) -> Result<Zeroizing<String>, Unsealing> {
    let of = Actions::purpose_of(owner);
    let plain = sealer.unseal(Actions::purpose(&of), sealed)?;
    let secret = std::str::from_utf8(&plain).map_err(|_| Unsealing::Damaged)?;
    Ok(Zeroizing::new(secret.to_owned()))
}
