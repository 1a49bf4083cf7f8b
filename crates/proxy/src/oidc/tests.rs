//! What needs no issuer: sessions in cookies, logins that take too long, reasons, and one refresh for many.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use berth_proxy_protocol::{OnUnauthenticated, OpenIdConnect, Secret};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use super::login::{Callback, State};
use super::reason::{Family, Reason};
use super::refreshes::Refreshes;
use super::seal::{Kind, SessionKey};
use super::session::Session;
use super::{Authenticator, Shared, binding, cookies, id};

fn session() -> Session {
    Session {
        id: [1; 16],
        began_at: 1000,
        subject: "ann".to_owned(),
        claims: r#"{"sub":"ann"}"#.to_owned(),
        access_token: "token".to_owned(),
        expires_at: Some(1600),
        refresh_token: None,
    }
}

fn config() -> OpenIdConnect {
    OpenIdConnect {
        issuer: "https://issuer.example".to_owned(),
        authorization_endpoint: "https://issuer.example/authorize".to_owned(),
        token_endpoint: "https://issuer.example/token".to_owned(),
        user_info_endpoint: "https://issuer.example/user".to_owned(),
        client_id: "client".to_owned(),
        client_secret: Secret("secret".to_owned()),
        session_cookie_name: "session".to_owned(),
        scope: "openid".to_owned(),
        session_timeout_seconds: 60,
        extra_params: BTreeMap::new(),
        on_unauthenticated: OnUnauthenticated::Authenticate,
    }
}

/// What a client that was told these asks with.
fn asking(set: &[HeaderValue]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for cookie in set {
        let pair = cookie.to_str().expect("text").split(';').next().expect("a first part");
        headers.append(COOKIE, HeaderValue::from_str(pair).expect("a value"));
    }
    headers
}

#[test]
fn a_session_comes_back_as_it_was() {
    let key = SessionKey::new([3; 32]);
    let text = session().seal(&key, &[0; 32]).expect("it is sealed");
    assert_eq!(Session::open(&key, &[0; 32], &text).expect("it opens"), session());
    assert_eq!(Session::open(&key, &[1; 32], &text), Err(Reason::InvalidCookie));
    assert_eq!(session().ends_at(60), 1060);
    assert!(!session().wants_refresh(5000), "there is nothing to refresh it with");
    let refreshable = Session { refresh_token: Some("again".to_owned()), ..session() };
    assert!(refreshable.wants_refresh(1600) && !refreshable.wants_refresh(1599));
}

#[test]
fn what_unpacks_to_too_much_is_no_session() {
    use flate2::{Compression, write::DeflateEncoder};
    use std::io::Write;
    let key = SessionKey::new([3; 32]);
    let large = Session { claims: "x".repeat(1 << 20), ..session() };
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&minicbor::to_vec(large).expect("CBOR")).expect("memory");
    let sealed = key.seal(Kind::Session, &[0; 32], &packed.finish().expect("memory"));
    let text = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, sealed);
    assert_eq!(Session::open(&key, &[0; 32], &text), Err(Reason::InvalidCookie));
}

#[test]
fn a_text_is_in_as_many_cookies_as_it_takes() {
    let none = HeaderMap::new();
    for length in [1, 3990, 4100, 12_000, 36_000] {
        let text = "x".repeat(length);
        let set = cookies::set("name", &text, 2_000_000_000, &none, true).expect("it fits");
        assert!(set.iter().all(|cookie| cookie.len() <= 4096));
        let asked = asking(&set);
        let joined = cookies::joined(&asked, "name").expect("they are whole");
        assert_eq!(joined.as_deref(), Some(&*text));
        assert_eq!(cookies::joined(&asked, "other").expect("there are none"), None);
    }
    let refused = cookies::set("name", &"x".repeat(40_000), 0, &none, false);
    assert_eq!(refused.expect_err("nine cookies are enough"), Reason::TooLarge);

    let large = cookies::set("name", &"x".repeat(12_000), 0, &none, false).expect("it fits");
    let small = cookies::set("name", "y", 0, &asking(&large), false).expect("it fits");
    let taken_back: Vec<&str> = small[1..].iter().map(|it| it.to_str().expect("text")).collect();
    assert_eq!(taken_back.len(), large.len() - 1);
    for (place, cookie) in taken_back.iter().enumerate() {
        let expected = format!("name-{}=; Expires=Thu, 01 Jan 1970", place + 1);
        assert!(cookie.starts_with(&expected), "{cookie}");
    }
    // What a browser has kept all the same says nothing.
    let mut both = asking(&small[..1]);
    both.append(COOKIE, asking(&large[1..2])[COOKIE].clone());
    assert_eq!(cookies::joined(&both, "name").expect("it is whole").as_deref(), Some("y"));
}

#[test]
fn an_action_is_another_one_if_anything_about_it_is() {
    let (bound, known) = (binding(&config()), id(&config(), &binding(&config())));
    type Change = fn(&mut OpenIdConnect);
    let cases: [(bool, Change); 11] = [
        (true, |it| it.issuer.push('x')),
        (true, |it| it.authorization_endpoint.push('x')),
        (true, |it| it.token_endpoint.push('x')),
        (true, |it| it.user_info_endpoint.push('x')),
        (true, |it| it.client_id.push('x')),
        (true, |it| it.scope.push('x')),
        (true, |it| it.session_cookie_name.push('x')),
        (true, |it| drop(it.extra_params.insert("a".to_owned(), "b".to_owned()))),
        (true, |it| {
            it.issuer.push('h');
            it.authorization_endpoint.remove(0);
        }),
        (false, |it| it.client_secret.0.push('x')),
        (false, |it| it.session_timeout_seconds += 1),
    ];
    for (place, (is_bound, change)) in cases.into_iter().enumerate() {
        let mut config = config();
        change(&mut config);
        assert_eq!(binding(&config) != bound, is_bound, "case {place}");
        assert_ne!(id(&config, &binding(&config)), known, "case {place}");
    }
}

#[test]
fn a_callback_says_what_the_issuer_had_it_say() {
    let code = |query: &str| Callback::parse(query).code().map(str::to_owned);
    assert_eq!(code("code=a%2Fb+c&state=s"), Ok("a/b c".to_owned()));
    assert_eq!(code("code=first&code=second"), Ok("first".to_owned()));
    assert_eq!(code("code=&x"), Err(Reason::MissingCode));
    assert_eq!(code("code=%ff"), Err(Reason::MissingCode), "no text");
    assert_eq!(code(""), Err(Reason::MissingCode));
    assert_eq!(code("code=a&error=access_denied"), Err(Reason::Denied));
    assert_eq!(code("error=server_error"), Err(Reason::Refused));
    assert_eq!(Callback::parse("code=a").action(), Err(Reason::MissingState));
    assert_eq!(Callback::parse("state=%20").action(), Err(Reason::InvalidState));
}

#[test]
fn a_user_goes_where_they_came_from() {
    let state = State {
        began_at: 0,
        browser: [0; 16],
        nonce: [0; 16],
        host: "shop.example:8443".to_owned(),
        url: "/a?b".to_owned(),
    };
    assert_eq!(state.destination(), "https://shop.example:8443/a?b");
    assert_eq!(state.redirect_uri(), "https://shop.example:8443/oauth2/idpresponse");
}

/// Every reason, with what ELB makes of it.
#[test]
fn reasons_are_answered_and_counted_as_elb_does() {
    use Family::{Error, Failure, TooLarge};
    for (reason, name, status, family) in [
        (Reason::InvalidCookie, "AuthInvalidCookie", 401, Failure),
        (Reason::InvalidGrant, "AuthInvalidGrantError", 561, Failure),
        (Reason::InvalidIdToken, "AuthInvalidIdToken", 401, Failure),
        (Reason::InvalidNonce, "AuthInvalidAWSALBAuthNonce", 401, Failure),
        (Reason::InvalidState, "AuthInvalidStateParam", 401, Failure),
        (Reason::InvalidTokenResponse, "AuthInvalidTokenResponse", 401, Failure),
        (Reason::InvalidUserInfo, "AuthInvalidUserinfoResponse", 401, Failure),
        (Reason::MissingCode, "AuthMissingCodeParam", 401, Failure),
        (Reason::MissingHost, "AuthMissingHostHeader", 401, Error),
        (Reason::MissingNonce, "AuthMissingAWSALBAuthNonce", 401, Failure),
        (Reason::MissingState, "AuthMissingStateParam", 401, Failure),
        (Reason::Denied, "AuthMissingCodeParam", 401, Failure),
        (Reason::Refused, "AuthMissingCodeParam", 561, Failure),
        (Reason::TokenRefused, "AuthTokenEpRequestFailed", 561, Error),
        (Reason::TokenUnreachable, "AuthTokenEpRequestTimeout", 500, Error),
        (Reason::UserInfoRefused, "AuthUserinfoEpRequestFailed", 561, Error),
        (Reason::UserInfoUnreachable, "AuthUserinfoEpRequestTimeout", 500, Error),
        (Reason::TooLarge, "AuthUserinfoResponseSizeExceeded", 500, TooLarge),
        (Reason::Unhandled, "AuthUnhandledException", 500, Error),
    ] {
        let told = (reason.name(), reason.status().as_u16(), reason.family());
        assert_eq!(told, (name, status, family));
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_of_a_refresh_is_remembered_for_a_while() {
    let (refreshes, count) = (Refreshes::default(), Arc::new(AtomicUsize::new(0)));
    let refresh = |outcome: Result<Session, Reason>| {
        let count = Arc::clone(&count);
        async move {
            tokio::task::yield_now().await;
            count.fetch_add(1, Ordering::SeqCst);
            outcome
        }
    };
    let both = tokio::join!(
        refreshes.once([1; 16], refresh(Ok(session()))),
        refreshes.once([1; 16], refresh(Ok(session()))),
    );
    assert_eq!((both.0.1, both.1.1), (true, false), "the first one does it");
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert!(refreshes.once([2; 16], refresh(Err(Reason::InvalidGrant))).await.0.is_err());
    assert!(refreshes.once([2; 16], refresh(Ok(session()))).await.0.is_err(), "not yet again");
    assert_eq!(count.load(Ordering::SeqCst), 2);
    tokio::time::advance(std::time::Duration::from_secs(5)).await;
    assert!(refreshes.once([2; 16], refresh(Ok(session()))).await.0.is_ok());
    assert!(!refreshes.once([1; 16], refresh(Ok(session()))).await.1, "still known");
    tokio::time::advance(std::time::Duration::from_secs(60)).await;
    assert!(refreshes.once([1; 16], refresh(Ok(session()))).await.1);
    assert_eq!(count.load(Ordering::SeqCst), 4);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_goes_on_when_whoever_asked_for_it_is_gone() {
    let refreshes = Refreshes::default();
    let (done, ended) = tokio::sync::oneshot::channel();
    let refresh = async move {
        tokio::task::yield_now().await;
        done.send(()).expect("somebody waits");
        Ok(session())
    };
    {
        let mut asking = Box::pin(refreshes.once([1; 16], refresh));
        assert!(futures_util::poll!(asking.as_mut()).is_pending());
    }
    ended.await.expect("it goes on");
    let never = async { panic!("it was done already") };
    assert!(refreshes.once([1; 16], never).await.0.is_ok());
}

/// An action as a proxy has it, without an issuer.
fn authenticator() -> Authenticator {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let pair = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = params.self_signed(&pair).expect("it signs itself").pem();
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), authority).expect("it is written");
    let shared = Shared::new(Some(file.path().to_owned()), std::time::Duration::from_secs(1));
    let balancer = serde_json::json!({
        "arn": "balancer", "resource": "app/one/1", "kind": "application", "addresses": [],
        "attributes": {
            "idleTimeoutSeconds": 60, "clientKeepAliveSeconds": 60, "http2": true,
            "desyncMitigation": "defensive", "headerNames": "any", "forwardedFor": "append",
            "forwardedForPort": false, "preserveHost": false, "tlsVersionAndCipherHeaders": false,
            "crossZone": true, "accessLogs": false, "connectionLogs": false,
        },
        "authentication": {
            "sessionKey": STANDARD.encode([1; 32]),
            "signingKey": STANDARD.encode(pair.serialize_der()),
            "signingKeyId": "key",
        },
        "listeners": [],
    });
    let balancer = serde_json::from_value(balancer).expect("a balancer");
    Authenticator::new(&config(), &balancer, &shared).expect("it can be carried")
}

#[test]
fn a_login_takes_a_quarter_of_an_hour_at_most() {
    let action = authenticator();
    let none = HeaderMap::new();
    let Ok(login) = action.login(&none, "shop.example", "/a", 1000, false) else {
        panic!("there is nothing in the way");
    };
    let location = login.location.to_str().expect("text");
    let callback = Callback::parse(location.split_once('?').expect("a query").1);
    assert_eq!(callback.action(), Ok(action.id()));
    let headers = asking(&[login.nonce_cookie]);
    let back = |now| action.state(&callback, &headers, "shop.example", now).map(|it| it.url);
    assert_eq!(back(1000 + 899), Ok("/a".to_owned()));
    assert_eq!(back(1000 + 900), Err(Reason::InvalidState));
    assert_eq!(back(0), Ok("/a".to_owned()), "the clock of another proxy is behind");
    let other = authenticator();
    let refused = other.state(&callback, &none, "shop.example", 1000);
    assert_eq!(refused.map(|it| it.url), Err(Reason::MissingNonce), "the key is the same");
}
