//! Actions that let users' requests go on, and send everybody else to log in.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_proxy_protocol::{Action, Balancer, OnUnauthenticated};
use http::header::ORIGIN;
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::time::Instant;

use super::account::Account;
use super::own::Own;
use crate::oidc::{
    self, ActionId, Authenticator, CALLBACK, Callback, Family, Known, Obstacle, Reason, Session,
};

/// Of a listener of a balancer that authenticates users, be it by this listener or by another one.
pub(super) struct Authentication {
    /// Those of this listener's actions.
    actions: BTreeMap<ActionId, Arc<Authenticator>>,
}

/// What of a request is looked at.
pub(super) struct Asked<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) host: &'a HeaderValue,
    /// Path and query.
    pub(super) url: &'a str,
}

impl Authentication {
    /// None if this balancer authenticates nobody.
    pub(super) fn new<'a>(
        balancer: &Balancer,
        actions: impl Iterator<Item = &'a Arc<Authenticator>>,
    ) -> Option<Authentication> {
        let authenticates =
            |actions: &[Action]| actions.iter().any(|it| matches!(it, Action::AuthenticateOidc(_)));
        let is_wanted = balancer.listeners.iter().any(|listener| {
            authenticates(&listener.default_actions)
                || listener.rules.iter().any(|rule| authenticates(&rule.actions))
        });
        is_wanted.then(|| Authentication {
            actions: actions.map(|action| (action.id(), Arc::clone(action))).collect(),
        })
    }

    /// Whether it is an issuer that has sent the client here.
    pub(super) fn is_callback(&self, path: &str) -> bool {
        path == CALLBACK && !self.actions.is_empty()
    }

    /// Answers a client that comes back from its issuer.
    pub(super) async fn call_back(&self, account: &mut Account, asked: &Asked<'_>) -> Own {
        if let Some(told) = &mut account.told {
            told.host = asked.host().to_owned();
            told.actions.push("authenticate");
        }
        match self.log_in(account, asked).await {
            Ok(destination) => {
                account.front.counters.auth_success.one();
                Own::redirect(StatusCode::FOUND, destination)
            }
            Err(reason) => fail(account, reason),
        }
    }

    /// Where the client goes as a user from now on.
    async fn log_in(
        &self,
        account: &mut Account,
        asked: &Asked<'_>,
    ) -> Result<HeaderValue, Reason> {
        let query = asked.url.split_once('?').map_or("", |(_, query)| query);
        let callback = Callback::parse(query);
        let action = self.actions.get(&callback.action()?).ok_or(Reason::InvalidState)?;
        let state = action.state(&callback, asked.headers, asked.host(), oidc::now())?;
        let code = callback.code()?;
        let began = Instant::now();
        let session = action.redeem(&state, code).await;
        account.front.counters.auth_latency.note(began.elapsed());
        account.cookies = action.remember(&session?, asked.headers, asked.is_elsewhere())?;
        HeaderValue::try_from(state.destination()).map_err(|_| Reason::InvalidState)
    }
}

/// Lets a request go on, with what its target is to be told, or answers it.
pub(super) async fn authenticate(
    account: &mut Account,
    action: &Authenticator,
    asked: &Asked<'_>,
) -> Result<(), Own> {
    if let Some(told) = &mut account.told {
        told.actions.push("authenticate");
    }
    let now = oidc::now();
    let known = match action.known(asked.headers, now) {
        Ok(Known::Session(session)) if session.wants_refresh(now) => {
            refreshed(account, action, asked, &session).await
        }
        Ok(Known::Session(session)) => Ok(Some(Arc::from(session))),
        Ok(Known::Nobody) => Ok(None),
        Err(reason) => Err(reason),
    };
    let session = known.unwrap_or_else(|reason| {
        note(account, reason);
        None
    });
    match (session, action.on_unauthenticated) {
        (Some(session), _) => {
            let user = action.user(&session, now).map_err(|reason| fail(account, reason))?;
            account.user = Some(Box::new(user));
            Ok(())
        }
        (None, OnUnauthenticated::Allow) => Ok(()),
        (None, OnUnauthenticated::Deny) => Err(StatusCode::UNAUTHORIZED.into()),
        (None, OnUnauthenticated::Authenticate) => {
            let (host, is_elsewhere) = (asked.host(), asked.is_elsewhere());
            match action.login(asked.headers, host, asked.url, now, is_elsewhere) {
                Ok(login) => {
                    account.cookies.push(login.nonce_cookie);
                    Err(Own::redirect(StatusCode::FOUND, login.location))
                }
                Err(Obstacle::Because(reason)) => Err(fail(account, reason)),
                Err(Obstacle::BadHost) => Err(StatusCode::BAD_REQUEST.into()),
                Err(Obstacle::TooLong) => Err(StatusCode::URI_TOO_LONG.into()),
            }
        }
    }
}

/// A session whose access token has expired. Whom the issuer does not know any more has to log in.
async fn refreshed(
    account: &mut Account,
    action: &Authenticator,
    asked: &Asked<'_>,
    session: &Session,
) -> Result<Option<Arc<Session>>, Reason> {
    let counters = Arc::clone(&account.front.counters);
    let began = Instant::now();
    let (refreshed, is_ours) = action.refresh(session).await;
    if is_ours {
        counters.auth_latency.note(began.elapsed());
    }
    let session = refreshed?;
    if is_ours {
        counters.auth_refresh_token_success.one();
    }
    account.cookies = action.remember(&session, asked.headers, asked.is_elsewhere())?;
    Ok(Some(session))
}

/// What is answered for this reason.
fn fail(account: &mut Account, reason: Reason) -> Own {
    note(account, reason);
    reason.status().into()
}

fn note(account: &mut Account, reason: Reason) {
    if let Some(told) = &mut account.told {
        told.error = Some(reason.name());
    }
    let counters = &account.front.counters;
    match reason.family() {
        Family::Failure => counters.auth_failure.one(),
        Family::Error => counters.auth_error.one(),
        Family::TooLarge => counters.auth_claims_too_large.one(),
    }
}

impl Asked<'_> {
    fn host(&self) -> &str {
        self.host.to_str().unwrap_or_default()
    }

    /// Whether a page of another site asks.
    fn is_elsewhere(&self) -> bool {
        self.headers.get(ORIGIN).is_some_and(|origin| {
            let here = origin.as_bytes().strip_prefix(b"https://");
            here.is_none_or(|here| !here.eq_ignore_ascii_case(self.host.as_bytes()))
        })
    }
}
