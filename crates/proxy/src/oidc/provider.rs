//! What an issuer is asked: where users log in, who they are, and whether they still are.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_proxy_protocol::OpenIdConnect;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

use super::client::{CallFailure, HttpsClient, Queue};
use super::id_token::{Expected, IdToken};
use super::login::State;
use super::reason::Reason;
use super::session::Session;
use super::shared::Shared;

/// AWS: claims and access token together.
const LARGEST: usize = 11 * 1024;

/// All but what never has to be written otherwise (RFC 3986, 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) struct Provider {
    issuer: String,
    client_id: String,
    /// `Basic …`: who we are to the token endpoint (RFC 6749, 2.3.1).
    credentials: HeaderValue,
    /// With all that is the same each time.
    authorization_url: String,
    token_endpoint: Uri,
    user_info_endpoint: Uri,
    client: HttpsClient,
    token_queue: Queue,
    user_info_queue: Queue,
}

/// What a token endpoint answers with.
#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    token_type: Option<String>,
    id_token: Option<String>,
    refresh_token: Option<String>,
    expires_in: Option<Value>,
}

/// Or with this.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Provider {
    pub(super) fn new(config: &OpenIdConnect, shared: &Arc<Shared>) -> Result<Provider, String> {
        let endpoint = |url: &str| -> Result<Uri, String> {
            let uri: Uri = url.parse().map_err(|_| format!("`{url}` is no URL"))?;
            match (uri.scheme_str(), uri.authority()) {
                (Some("https"), Some(_)) => Ok(uri),
                _ => Err(format!("`{url}` is no URL with https")),
            }
        };
        let queue = |uri: &Uri| shared.queue(uri.authority().map_or("", |it| it.as_str()));
        endpoint(&config.authorization_endpoint)?;
        let token_endpoint = endpoint(&config.token_endpoint)?;
        let user_info_endpoint = endpoint(&config.user_info_endpoint)?;
        let named = format!(
            "{}:{}",
            utf8_percent_encode(&config.client_id, RESERVED),
            utf8_percent_encode(&config.client_secret.0, RESERVED)
        );
        let credentials = format!("Basic {}", STANDARD.encode(named));
        let mut credentials = HeaderValue::try_from(credentials).expect("base 64 is such a value");
        credentials.set_sensitive(true);
        Ok(Provider {
            issuer: config.issuer.clone(),
            client_id: config.client_id.clone(),
            credentials,
            authorization_url: authorization_url(config),
            token_queue: queue(&token_endpoint),
            user_info_queue: queue(&user_info_endpoint),
            token_endpoint,
            user_info_endpoint,
            client: shared.client()?,
        })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where a user logs in.
    pub(super) fn authorization_url(&self, state: &State, sealed: &str) -> String {
        format!(
            "{}&redirect_uri={}&state={sealed}&nonce={}",
            self.authorization_url,
            utf8_percent_encode(&state.redirect_uri(), RESERVED),
            state.nonce()
        )
    }

    /// A code is exchanged for tokens, and an access token for claims.
    pub(super) async fn redeem(
        &self,
        state: &State,
        code: &str,
        now: u64,
    ) -> Result<Session, Reason> {
        let redirect_uri = state.redirect_uri();
        let tokens = self
            .tokens(&[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", &redirect_uri),
            ])
            .await?;
        let id_token = tokens.id_token.as_deref().ok_or(Reason::InvalidTokenResponse)?;
        let nonce = state.nonce();
        let expected = Expected { nonce: Some(&nonce), ..self.expected(now) };
        let id_token = IdToken::read(id_token, &expected)?;
        self.session(tokens, id_token.subject(), now, now).await
    }

    /// The same user, or nobody.
    pub(super) async fn refresh(&self, old: &Session, now: u64) -> Result<Session, Reason> {
        let refresh_token = old.refresh_token.as_deref().ok_or(Reason::InvalidGrant)?;
        let mut tokens = self
            .tokens(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)])
            .await?;
        // OpenID Connect Core, 12.2: there need not be one.
        if let Some(id_token) = &tokens.id_token
            && IdToken::read(id_token, &self.expected(now))?.subject() != old.subject
        {
            return Err(Reason::InvalidIdToken);
        }
        // Where there is no new one, the old one goes on.
        tokens.refresh_token.get_or_insert_with(|| refresh_token.to_owned());
        self.session(tokens, &old.subject, old.began_at, now).await
    }

    fn expected(&self, now: u64) -> Expected<'_> {
        Expected { issuer: &self.issuer, client: &self.client_id, nonce: None, now }
    }

    async fn tokens(&self, form: &[(&str, &str)]) -> Result<Tokens, Reason> {
        let pair = |(name, value): &(&str, &str)| {
            format!("{name}={}", utf8_percent_encode(value, RESERVED))
        };
        let form: Vec<String> = form.iter().map(pair).collect();
        let request = Request::post(&self.token_endpoint)
            .header(AUTHORIZATION, &self.credentials)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(Bytes::from(form.join("&")))
            .map_err(|_| Reason::Unhandled)?;
        let answer = self.client.call(&self.token_queue, request).await;
        let (status, body) = answer.map_err(|failure| match failure {
            CallFailure::Unanswered => Reason::TokenUnreachable,
            CallFailure::TooLarge => Reason::InvalidTokenResponse,
        })?;
        if !status.is_success() {
            let refusal = serde_json::from_slice::<Refusal>(&body).ok();
            let error = refusal.map(|refusal| refusal.error).unwrap_or_default();
            tracing::warn!(issuer = self.issuer, %status, error, "an issuer gives no tokens");
            return Err(match error.as_str() {
                "invalid_grant" => Reason::InvalidGrant,
                _ => Reason::TokenRefused,
            });
        }
        let tokens: Tokens =
            serde_json::from_slice(&body).map_err(|_| Reason::InvalidTokenResponse)?;
        let is_bearer =
            tokens.token_type.as_ref().is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
        // Targets get it in a header.
        let is_fit = !tokens.access_token.is_empty()
            && tokens.access_token.bytes().all(|byte| byte.is_ascii_graphic());
        if is_bearer && is_fit { Ok(tokens) } else { Err(Reason::InvalidTokenResponse) }
    }

    /// `subject` is who the claims have to be of.
    async fn session(
        &self,
        tokens: Tokens,
        subject: &str,
        began_at: u64,
        now: u64,
    ) -> Result<Session, Reason> {
        let claims = self.claims(&tokens.access_token, subject).await?;
        if claims.len() + tokens.access_token.len() > LARGEST {
            return Err(Reason::TooLarge);
        }
        let lives = tokens.expires_in.as_ref().and_then(seconds);
        Ok(Session {
            id: rand::random(),
            began_at,
            subject: subject.to_owned(),
            claims,
            access_token: tokens.access_token,
            expires_at: lives.map(|seconds| now.saturating_add(seconds)),
            refresh_token: tokens.refresh_token.filter(|token| !token.is_empty()),
        })
    }

    /// As JSON.
    async fn claims(&self, access_token: &str, subject: &str) -> Result<String, Reason> {
        let mut bearer = HeaderValue::try_from(format!("Bearer {access_token}"))
            .map_err(|_| Reason::InvalidTokenResponse)?;
        bearer.set_sensitive(true);
        let request = Request::get(&self.user_info_endpoint)
            .header(AUTHORIZATION, bearer)
            .header(ACCEPT, "application/json")
            .body(Bytes::new())
            .map_err(|_| Reason::Unhandled)?;
        let answer = self.client.call(&self.user_info_queue, request).await;
        let (status, body) = answer.map_err(|failure| match failure {
            CallFailure::Unanswered => Reason::UserInfoUnreachable,
            CallFailure::TooLarge => Reason::TooLarge,
        })?;
        if !status.is_success() {
            tracing::warn!(issuer = self.issuer, %status, "an issuer tells nothing of a user");
            return Err(Reason::UserInfoRefused);
        }
        let claims: Value = serde_json::from_slice(&body).map_err(|_| Reason::InvalidUserInfo)?;
        // OpenID Connect Core, 5.3.2: what is told of somebody else must not be used.
        match claims.get("sub").and_then(Value::as_str) {
            Some(told) if told == subject => Ok(claims.to_string()),
            _ => Err(Reason::InvalidUserInfo),
        }
    }
}

fn authorization_url(config: &OpenIdConnect) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    let mut url = config.authorization_endpoint.clone();
    url.push(if url.contains('?') { '&' } else { '?' });
    url.push_str(&format!(
        "client_id={}&response_type=code&scope={}",
        encoded(&config.client_id),
        encoded(&config.scope)
    ));
    for (name, value) in &config.extra_params {
        url.push_str(&format!("&{}={}", encoded(name), encoded(value)));
    }
    url
}

/// Some issuers write numbers as texts.
fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
