//! An issuer of OpenID Connect, with TLS and signatures of its own, which tells what it is asked and lies when it is told to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use berth_proxy_protocol::{OnUnauthenticated, OpenIdConnect, Secret};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::target::{Body, Target, full};

const CLIENT: &str = "the client";
/// With what has to be encoded in a form.
const SECRET: &str = "s3cret:~+%";

pub struct Issuer {
    pub authority: Authority,
    server: Target,
    shared: Arc<Mutex<Books>>,
}

/// What the issuer knows and does.
pub struct Books {
    pub url: String,
    /// What it tells of its only user.
    pub claims: Value,
    /// What every ID token says otherwise than it should.
    pub wrong_claims: Value,
    /// In place of what it would answer: status and body.
    pub token_answer: Option<(u16, String)>,
    pub user_info_answer: Option<(u16, String)>,
    /// It takes requests for tokens, and never answers.
    pub is_slow: bool,
    pub expires_in: Option<u64>,
    pub gives_refresh_tokens: bool,
    /// Forms of all requests for tokens, with the credentials that came along.
    pub token_requests: Vec<BTreeMap<String, String>>,
    /// Nonces, by the codes that go with them.
    codes: BTreeMap<String, String>,
    refresh_tokens: BTreeSet<String>,
    made: u32,
    key: EcdsaKeyPair,
}

impl Issuer {
    pub async fn new() -> Issuer {
        let authority = Authority::new("of the issuer");
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).expect("it is one");
        let shared = Arc::new(Mutex::new(Books {
            url: String::new(),
            claims: json!({"sub": "ann", "email": "ann@example.com"}),
            wrong_claims: json!({}),
            token_answer: None,
            user_info_answer: None,
            is_slow: false,
            expires_in: Some(3600),
            gives_refresh_tokens: false,
            token_requests: Vec::new(),
            codes: BTreeMap::new(),
            refresh_tokens: BTreeSet::new(),
            made: 0,
            key,
        }));
        let books = Arc::clone(&shared);
        let certificate = authority.certificate("the issuer's", &["127.0.0.1"]);
        let server =
            Target::secured_by(&certificate, move |request| answer(Arc::clone(&books), request))
                .await;
        let issuer = Issuer { authority, server, shared };
        issuer.books().url = format!("https://{}", issuer.server.address);
        issuer
    }

    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.shared.lock().expect("nobody broke it")
    }

    /// What a balancer has to be told of it.
    pub fn config(&self) -> OpenIdConnect {
        let url = self.books().url.clone();
        OpenIdConnect {
            authorization_endpoint: format!("{url}/authorize?tenant=1"),
            token_endpoint: format!("{url}/token"),
            user_info_endpoint: format!("{url}/user"),
            issuer: url,
            client_id: CLIENT.to_owned(),
            client_secret: Secret(SECRET.to_owned()),
            session_cookie_name: "AWSELBAuthSessionCookie".to_owned(),
            scope: "openid email".to_owned(),
            session_timeout_seconds: 604_800,
            extra_params: BTreeMap::from([("display".to_owned(), "a page".to_owned())]),
            on_unauthenticated: OnUnauthenticated::Authenticate,
        }
    }

    /// Its only user logs in where a balancer sent a browser: the path and query that the browser is sent back with.
    pub fn log_in(&self, location: &str) -> String {
        let (endpoint, asked) = parameters(location);
        let mut books = self.books();
        assert_eq!(endpoint, format!("{}/authorize", books.url));
        for (name, expected) in [
            ("tenant", "1"),
            ("client_id", CLIENT),
            ("response_type", "code"),
            ("scope", "openid email"),
            ("display", "a page"),
            ("redirect_uri", "https://test.example/oauth2/idpresponse"),
        ] {
            assert_eq!(asked[name], expected, "{name}");
        }
        let code = books.name("code");
        books.codes.insert(code.clone(), asked["nonce"].clone());
        format!("/oauth2/idpresponse?code={code}&state={}", asked["state"])
    }
}

impl Books {
    fn name(&mut self, of: &str) -> String {
        self.made += 1;
        format!("{of} {}", self.made).replace(' ', "-")
    }

    /// Answers to a form, or the word of an error.
    fn tokens(&mut self, form: &BTreeMap<String, String>) -> Result<Value, &'static str> {
        let nonce = match form["grant_type"].as_str() {
            "authorization_code" => {
                assert_eq!(form["redirect_uri"], "https://test.example/oauth2/idpresponse");
                // Good for one time.
                Some(self.codes.remove(&form["code"]).ok_or("invalid_grant")?)
            }
            "refresh_token" => {
                let is_known = self.refresh_tokens.remove(&form["refresh_token"]);
                if is_known { None } else { return Err("invalid_grant") }
            }
            other => panic!("{other} is not asked for"),
        };
        let mut tokens = json!({
            "access_token": self.name("access"),
            "token_type": "Bearer",
            "id_token": self.id_token(nonce),
        });
        if let Some(seconds) = self.expires_in {
            tokens["expires_in"] = seconds.into();
        }
        if self.gives_refresh_tokens {
            let refresh_token = self.name("refresh");
            tokens["refresh_token"] = refresh_token.as_str().into();
            self.refresh_tokens.insert(refresh_token);
        }
        Ok(tokens)
    }

    fn id_token(&self, nonce: Option<String>) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later").as_secs();
        let mut claims = json!({
            "iss": self.url, "sub": "ann", "aud": CLIENT, "iat": now, "exp": now + 300,
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        for (claim, value) in self.wrong_claims.as_object().expect("claims") {
            claims[claim] = value.clone();
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&json!({"alg": "ES256", "typ": "JWT"})), part(&claims));
        let signature = self.key.sign(&SystemRandom::new(), text.as_bytes()).expect("it signs");
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn answer(shared: Arc<Mutex<Books>>, request: Request<Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.expect("all of it").to_bytes();
    let authorization = head.headers.get("authorization").and_then(|value| value.to_str().ok());
    let authorization = authorization.unwrap_or_default().to_owned();
    let (status, text) = match head.uri.path() {
        "/token" => {
            let body = String::from_utf8(body.to_vec()).expect("text");
            let (_, mut form) = parameters(&format!("?{body}"));
            let (answer, is_slow) = {
                let mut books = shared.lock().expect("nobody broke it");
                form.insert("authorization".to_owned(), authorization);
                books.token_requests.push(form.clone());
                let answer = books.token_answer.clone().unwrap_or_else(|| {
                    assert_eq!(form["authorization"], credentials());
                    match books.tokens(&form) {
                        Ok(tokens) => (200, tokens.to_string()),
                        Err(error) => (400, json!({ "error": error }).to_string()),
                    }
                });
                (answer, books.is_slow)
            };
            if is_slow {
                std::future::pending::<()>().await;
            }
            answer
        }
        "/user" => {
            assert!(authorization.starts_with("Bearer access-"), "{authorization}");
            let books = shared.lock().expect("nobody broke it");
            let answer = books.user_info_answer.clone();
            answer.unwrap_or_else(|| (200, books.claims.to_string()))
        }
        other => panic!("{other} is no endpoint"),
    };
    let mut response = Response::new(full(text));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
}

/// RFC 6749, 2.3.1: as in a form, before they are in base 64.
fn credentials() -> String {
    format!("Basic {}", STANDARD.encode("the%20client:s3cret%3A~%2B%25"))
}

/// A URL without its query, and that.
pub fn parameters(url: &str) -> (&str, BTreeMap<String, String>) {
    let (before, query) = url.split_once('?').expect("it has a query");
    let decoded = |text: &str| {
        let text = percent_encoding::percent_decode_str(text).decode_utf8();
        text.expect("text").into_owned()
    };
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').expect("a name and a value");
        (decoded(name), decoded(value))
    };
    (before, query.split('&').map(pair).collect())
}
