//! Users who are authenticated by an issuer of OpenID Connect: the authorization code flow, as ALB goes it.
//!
//! An [`Authenticator`] is one `authenticate-oidc` action. `login.rs` is the way to the issuer and back, `provider.rs` what is asked of it
//! there, `session.rs` what is remembered of a user: in the user's own cookies (`cookies.rs`), sealed under a key that all proxies
//! of the balancer have (`seal.rs`). `claims.rs` is what targets are told. What is done with a request is the front's
//! affair (`front/authenticate.rs`).
//!
//! AWS: an ID token is believed because it comes from the token endpoint itself, by TLS, in exchange for the client's secret (OpenID
//! Connect Core, 3.1.3.7, step 6). No key set is asked for, so that none of the issuer's endpoints but those that are
//! configured has to be within reach (ADR 32).

mod authorities;
pub(crate) mod claims;
mod client;
mod cookies;
mod id_token;
mod login;
mod provider;
mod reason;
mod refreshes;
mod seal;
mod session;
mod shared;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_proxy_protocol::{Balancer, OnUnauthenticated, OpenIdConnect};
use http::HeaderMap;
use sha2::{Digest, Sha256};

use claims::Signer;
pub(crate) use claims::User;
pub(crate) use login::{CALLBACK, Callback, Obstacle, State};
use provider::Provider;
pub(crate) use reason::{Family, Reason};
use seal::SessionKey;
pub(crate) use session::Session;
pub(crate) use shared::Shared;

/// What an action is known by in the states that it sends along.
pub(crate) type ActionId = [u8; 8];

/// One action that authenticates users.
pub(crate) struct Authenticator {
    id: ActionId,
    /// Of all that is asked of the issuer: sessions are good for every action that asks the same, and for no other.
    binding: [u8; 32],
    cookie_name: String,
    session_seconds: u64,
    pub(crate) on_unauthenticated: OnUnauthenticated,
    key: SessionKey,
    signer: Signer,
    provider: Arc<Provider>,
    shared: Arc<Shared>,
}

/// What a client's cookies say.
pub(crate) enum Known {
    Nobody,
    Session(Box<Session>),
}

impl Authenticator {
    pub(crate) fn new(
        config: &OpenIdConnect,
        balancer: &Balancer,
        shared: &Arc<Shared>,
    ) -> Result<Authenticator, String> {
        let keys = balancer.authentication.as_ref().ok_or("its balancer's keys are not known")?;
        let session_key = STANDARD.decode(&keys.session_key.0).ok();
        let session_key = session_key.and_then(|key| <[u8; 32]>::try_from(key).ok());
        let signing_key = STANDARD.decode(&keys.signing_key.0).ok();
        let (Some(session_key), Some(signing_key)) = (session_key, signing_key) else {
            return Err("its balancer's keys are none".to_owned());
        };
        let signer = Signer::new(&signing_key, &keys.signing_key_id, &balancer.arn, config)?;
        let binding = binding(config);
        Ok(Authenticator {
            id: id(config, &binding),
            binding,
            cookie_name: config.session_cookie_name.clone(),
            session_seconds: config.session_timeout_seconds,
            on_unauthenticated: config.on_unauthenticated,
            key: SessionKey::new(session_key),
            signer,
            provider: Arc::new(Provider::new(config, shared)?),
            shared: Arc::clone(shared),
        })
    }

    pub(crate) fn id(&self) -> ActionId {
        self.id
    }

    /// Who a client's cookies say it is. Fails if they were not made here, or were changed since.
    pub(crate) fn known(&self, headers: &HeaderMap, now: u64) -> Result<Known, Reason> {
        let Some(text) = cookies::joined(headers, &self.cookie_name)? else {
            return Ok(Known::Nobody);
        };
        let session = Session::open(&self.key, &self.binding, &text)?;
        let is_over = now >= session.ends_at(self.session_seconds);
        Ok(if is_over { Known::Nobody } else { Known::Session(Box::new(session)) })
    }

    /// The session as it goes on once its access token has expired, if the issuer still knows the user.
    /// Says too whether it was this request that asked.
    pub(crate) async fn refresh(&self, session: &Session) -> (Result<Arc<Session>, Reason>, bool) {
        let (provider, old) = (Arc::clone(&self.provider), session.clone());
        let refreshed = async move { provider.refresh(&old, now()).await };
        self.shared.refreshes.once(session.id, refreshed).await
    }

    /// The session of a user whom the issuer has sent back with a code.
    pub(crate) async fn redeem(&self, state: &State, code: &str) -> Result<Session, Reason> {
        self.provider.redeem(state, code, now()).await
    }

    /// Cookies that a client is to have for this session. `before` are the headers of its request.
    pub(crate) fn remember(
        &self,
        session: &Session,
        before: &HeaderMap,
        is_elsewhere: bool,
    ) -> Result<Vec<http::HeaderValue>, Reason> {
        let text = session.seal(&self.key, &self.binding)?;
        let ends_at = session.ends_at(self.session_seconds);
        cookies::set(&self.cookie_name, &text, ends_at, before, is_elsewhere)
    }

    /// What targets are told of a user.
    pub(crate) fn user(&self, session: &Session, now: u64) -> Result<User, Reason> {
        self.signer.user(session, now)
    }
}

/// In seconds since the epoch.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn binding(config: &OpenIdConnect) -> [u8; 32] {
    let asked = [
        &config.issuer,
        &config.authorization_endpoint,
        &config.token_endpoint,
        &config.user_info_endpoint,
        &config.client_id,
        &config.scope,
        &config.session_cookie_name,
    ];
    let extra = config.extra_params.iter().flat_map(|(name, value)| [name, value]);
    digest(asked.into_iter().chain(extra).map(|text| text.as_bytes()))
}

fn id(config: &OpenIdConnect, binding: &[u8; 32]) -> ActionId {
    let seconds = config.session_timeout_seconds.to_be_bytes();
    let digest = digest([&binding[..], config.client_secret.0.as_bytes(), &seconds].into_iter());
    *digest.first_chunk().expect("a digest is longer")
}

/// Of texts one after another, none of which can be taken for a part of another.
fn digest<'a>(texts: impl Iterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    digest.finalize().into()
}
