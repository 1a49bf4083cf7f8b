//! Users who log in with an issuer: all the way, over several proxies, and every way that it can go wrong.

use std::collections::BTreeMap;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use berth_proxy::Options;
use berth_proxy_protocol::{
    Action, AuthenticationKeys, ListenerProtocol, OnUnauthenticated, OpenIdConnect, Rule, Secret,
};
use http::Request;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use serde_json::{Value, json};
use tempfile::{NamedTempFile, TempDir};

use crate::authority::Authority;
use crate::browser::{Browser, set_cookies};
use crate::client::{Answer, Client};
use crate::issuer::{Issuer, parameters};
use crate::logs::lines;
use crate::target::{Target, nobody};
use crate::world::{World, fixed, forward, group, path};

const ARN: &str = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/test/1";
const KEY_ID: &str = "12345678-1234-4234-8234-123456789012";
const COOKIE: &str = "AWSELBAuthSessionCookie";

/// A balancer with TLS that forwards what users ask, its issuer, and what it is known by.
struct Story {
    issuer: Issuer,
    authority: Authority,
    target: Target,
    /// The file of the issuer's authority.
    trusted: NamedTempFile,
    logs: TempDir,
    keys: AuthenticationKeys,
    public_key: Vec<u8>,
    world: World,
}

impl Story {
    async fn new() -> Story {
        Story::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut OpenIdConnect)) -> Story {
        Story::asking(Options { ..World::options() }, change).await
    }

    async fn asking(options: Options, change: impl FnOnce(&mut OpenIdConnect)) -> Story {
        let issuer = Issuer::new().await;
        let mut trusted = NamedTempFile::new().expect("a file");
        trusted.write_all(issuer.authority.pem.as_bytes()).expect("it is written");
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("a key");
        let keys = AuthenticationKeys {
            session_key: Secret(STANDARD.encode([7; 32])),
            signing_key: Secret(STANDARD.encode(pkcs8.as_ref())),
            signing_key_id: KEY_ID.to_owned(),
        };
        let logs = tempfile::tempdir().expect("a folder");
        let options = Options {
            issuer_authorities: Some(trusted.path().to_owned()),
            log_folder: Some(logs.path().to_owned()),
            ..options
        };
        let (authority, target) = (Authority::new("root"), Target::echo("one").await);
        let mut config = issuer.config();
        change(&mut config);
        let world =
            World::with(options, authenticated(config), vec![group("group", &[target.address])]);
        let public_key = pair.public_key().as_ref().to_vec();
        let mut story = Story { issuer, authority, target, trusted, logs, keys, public_key, world };
        story.secure();
        story.world.apply();
        story
    }

    fn secure(&mut self) {
        let certificate = self.authority.certificate("shown", &["test.example"]);
        self.world.configuration.certificates = vec![certificate];
        let balancer = self.world.balancer();
        balancer.arn = ARN.to_owned();
        balancer.authentication = Some(self.keys.clone());
        balancer.attributes.access_logs = true;
        let listener = self.world.listener();
        listener.protocol = ListenerProtocol::Https;
        listener.certificates = vec!["shown".to_owned()];
    }

    /// Another proxy, which is told the same.
    fn another(&self) -> World {
        let options = Options {
            issuer_authorities: Some(self.trusted.path().to_owned()),
            ..World::options()
        };
        let mut world = World::with(options, Vec::new(), Vec::new());
        world.configuration = self.world.configuration.clone();
        world.balancer().attributes.access_logs = false;
        world.apply();
        world
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.authority)
    }

    async fn get(&self, browser: &mut Browser, url: &str) -> Answer {
        browser.get(self.world.address(), url).await
    }

    /// Where a browser is sent from here, with the cookie for its way back.
    async fn sent_away(&self, browser: &mut Browser, url: &str) -> String {
        let answer = self.get(browser, url).await;
        assert_eq!(answer.status, 302, "{}", answer.body);
        answer.header("location").to_owned()
    }

    /// A browser whose user has logged in.
    async fn logged_in(&self) -> Browser {
        let mut browser = self.browser();
        let callback = self.issuer.log_in(&self.sent_away(&mut browser, "/").await);
        let answer = self.get(&mut browser, &callback).await;
        assert_eq!(answer.status, 302, "{}", answer.body);
        browser
    }

    /// How a login ends at its callback.
    async fn called_back(&self) -> (u16, Browser) {
        let mut browser = self.browser();
        let callback = self.issuer.log_in(&self.sent_away(&mut browser, "/").await);
        let answer = self.get(&mut browser, &callback).await;
        (answer.status.as_u16(), browser)
    }

    /// Metrics that have counted anything, without `ELBAuth`.
    fn counted(&self) -> BTreeMap<String, u64> {
        let counters = self.world.proxy.counters();
        let all = counters.balancers["app/test/1"].metrics.clone().into_iter();
        let ours = all
            .filter(|(_, count)| *count > 0)
            .filter_map(|(name, count)| Some((name.strip_prefix("ELBAuth")?.to_owned(), count)));
        ours.collect()
    }

    /// Status, actions and reason of each request, once all of them are written.
    async fn told(self) -> Vec<(String, String, String)> {
        self.world.proxy.close().await;
        let prefix = "111122223333_elasticloadbalancing_us-east-1_app.test.1_";
        let lines = lines(self.logs.path(), prefix).into_iter();
        lines.map(|line| (line[8].clone(), line[22].clone(), line[24].clone())).collect()
    }
}

fn authenticated(config: OpenIdConnect) -> Vec<Action> {
    vec![Action::AuthenticateOidc(Box::new(config)), forward("group")]
}

fn counted(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

/// A header that a target was sent.
fn sent<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let prefix = format!("{name}: ");
    answer.body.lines().find_map(|line| line.strip_prefix(&*prefix))
}

#[tokio::test]
async fn a_user_logs_in_and_targets_are_told_who_it_is() {
    let story = Story::new().await;
    let mut browser = story.browser();
    let answer = story.get(&mut browser, "/shop?item=1&size=%20").await;
    assert_eq!(answer.status, 302);
    let [nonce] = &set_cookies(&answer)[..] else { panic!("one cookie: {answer:?}") };
    assert!(nonce.starts_with("AWSALBAuthNonce=") && nonce.ends_with("; SameSite=Lax"), "{nonce}");
    let callback = story.issuer.log_in(answer.header("location"));
    assert!(!callback.contains("shop"), "where a user wants to go is nobody's business");

    let answer = story.get(&mut browser, &callback).await;
    assert_eq!(answer.status, 302, "{}", answer.body);
    assert_eq!(answer.header("location"), "https://test.example/shop?item=1&size=%20");
    let [session] = &set_cookies(&answer)[..] else { panic!("one cookie: {answer:?}") };
    assert!(session.starts_with(&format!("{COOKIE}-0=")), "{session}");
    assert!(session.contains("; Expires=") && session.ends_with("; Path=/; Secure; HttpOnly"));
    assert!(!session.contains("ann") && !session.contains("access"), "it is sealed");

    let request = Request::get("/shop?item=1")
        .header("x-amzn-oidc-identity", "eve")
        .header("x-amzn-oidc-other", "eve")
        .header("x_amzn_oidc_data", "eve");
    let answer = browser.send(story.world.address(), request).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(!answer.body.contains("eve"), "{}", answer.body);
    assert_eq!(sent(&answer, "x-amzn-oidc-identity"), Some("ann"));
    assert_eq!(sent(&answer, "x-amzn-oidc-accesstoken"), Some("access-2"));
    let data = sent(&answer, "x-amzn-oidc-data").expect("there is one");
    let (text, signature) = data.rsplit_once('.').expect("three parts");
    let decoded = |part: &str| URL_SAFE.decode(part).expect("base 64, with what it is padded by");
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &story.public_key)
        .verify(text.as_bytes(), &decoded(signature))
        .expect("the balancer has signed it");
    let (header, claims) = text.split_once('.').expect("three parts");
    let header: Value = serde_json::from_slice(&decoded(header)).expect("JSON");
    let claims: Value = serde_json::from_slice(&decoded(claims)).expect("JSON");
    let url = story.issuer.books().url.clone();
    let exp = header["exp"].as_u64().expect("a number");
    assert_eq!(
        header,
        json!({
            "typ": "JWT", "alg": "ES256", "kid": KEY_ID, "signer": ARN, "iss": url,
            "client": "the client", "exp": exp,
        })
    );
    assert_eq!(claims, json!({"sub": "ann", "email": "ann@example.com", "iss": url, "exp": exp}));

    assert_eq!(story.counted(), counted(&[("Success", 1)]));
    let latency = story.world.proxy.counters().balancers["app/test/1"].auth_latency.clone();
    assert_eq!(latency.count, 1);
    let expected = [
        ("302", "authenticate", "-"),
        ("302", "authenticate", "-"),
        ("200", "authenticate,forward", "-"),
    ];
    let expected = expected.map(|(status, actions, reason)| {
        (status.to_owned(), actions.to_owned(), reason.to_owned())
    });
    assert_eq!(story.told().await, expected);
}

#[tokio::test]
async fn every_proxy_knows_whom_another_one_has_authenticated() {
    let story = Story::new().await;
    let (first, second) = (story.another(), story.another());
    let mut browser = story.browser();
    let location = browser.get(first.address(), "/a").await.header("location").to_owned();
    let callback = story.issuer.log_in(&location);
    let answer = browser.get(second.address(), &callback).await;
    assert_eq!(answer.header("location"), "https://test.example/a", "{}", answer.body);
    // The third is as one that was started anew.
    for address in [first.address(), second.address(), story.world.address()] {
        let answer = browser.get(address, "/a").await;
        assert_eq!(sent(&answer, "x-amzn-oidc-identity"), Some("ann"), "{}", answer.body);
    }
}

#[tokio::test]
async fn who_is_not_a_user_is_denied_or_allowed_as_configured() {
    let mut story = Story::with(|config| config.on_unauthenticated = OnUnauthenticated::Deny).await;
    let mut nobody = story.browser();
    let denied = story.get(&mut nobody, "/").await;
    assert_eq!((denied.status.as_u16(), set_cookies(&denied).len()), (401, 0));
    let mut config = story.issuer.config();
    // Another rule has the way in: what it asks is the same, so its sessions are good here.
    story.world.listener().rules = vec![Rule {
        arn: "log in".to_owned(),
        priority: 1,
        conditions: vec![path("/login")],
        actions: vec![Action::AuthenticateOidc(Box::new(config.clone())), fixed(200, "welcome")],
        transforms: Vec::new(),
    }];
    story.world.apply();
    let mut user = story.browser();
    let callback = story.issuer.log_in(&story.sent_away(&mut user, "/login").await);
    let answer = story.get(&mut user, &callback).await;
    assert_eq!(answer.header("location"), "https://test.example/login");
    assert_eq!(story.get(&mut user, "/login").await.body, "welcome");
    assert_eq!(sent(&story.get(&mut user, "/").await, "x-amzn-oidc-identity"), Some("ann"));

    config.on_unauthenticated = OnUnauthenticated::Allow;
    story.world.listener().default_actions = authenticated(config);
    story.world.apply();
    let request = Request::get("/").header("x-amzn-oidc-identity", "eve");
    let allowed = nobody.send(story.world.address(), request).await;
    assert_eq!((allowed.status.as_u16(), sent(&allowed, "x-amzn-oidc-identity")), (200, None));
    assert_eq!(sent(&story.get(&mut user, "/").await, "x-amzn-oidc-identity"), Some("ann"));
    assert_eq!(story.counted(), counted(&[("Success", 1)]), "nobody failed");
}

#[tokio::test]
async fn a_session_is_good_for_what_asks_the_same_alone() {
    let mut story = Story::new().await;
    let mut user = story.logged_in().await;
    assert_eq!(story.get(&mut user, "/").await.status, 200);
    let changes: [fn(&mut OpenIdConnect); 4] = [
        |config| config.client_id = "another client".to_owned(),
        |config| config.scope = "openid email groups".to_owned(),
        |config| drop(config.extra_params.insert("acr_values".to_owned(), "strong".to_owned())),
        |config| config.user_info_endpoint.push_str("?v2"),
    ];
    for change in changes {
        let mut config = story.issuer.config();
        change(&mut config);
        story.world.listener().default_actions = authenticated(config);
        story.world.apply();
        assert_eq!(story.get(&mut user.clone(), "/").await.status, 302);
    }
    let mut config = story.issuer.config();
    config.client_secret = Secret("another secret".to_owned());
    story.world.listener().default_actions = authenticated(config);
    story.world.apply();
    assert_eq!(story.get(&mut user, "/").await.status, 200, "a new secret logs nobody out");
    story.world.balancer().authentication.as_mut().expect("keys").session_key =
        Secret(STANDARD.encode([8; 32]));
    story.world.apply();
    assert_eq!(story.get(&mut user, "/").await.status, 302, "the key is another one");
}

#[tokio::test]
async fn a_session_ends_in_its_time_and_with_its_cookie() {
    let mut story = Story::new().await;
    let mut user = story.logged_in().await;
    assert_eq!(story.get(&mut user, "/").await.status, 200);
    // An application that logs out has the browser forget the first cookie.
    let mut gone = user.clone();
    gone.cookies.remove(&format!("{COOKIE}-0"));
    assert_eq!(story.get(&mut gone, "/").await.status, 302);
    let mut config = story.issuer.config();
    config.session_timeout_seconds = 0;
    story.world.listener().default_actions = authenticated(config);
    story.world.apply();
    assert_eq!(story.get(&mut user, "/").await.status, 302);
    assert_eq!(story.counted(), counted(&[("Success", 1)]), "neither is a failure");
}

#[tokio::test]
async fn cookies_that_were_changed_are_nobody_s() {
    let story = Story::new().await;
    let user = story.logged_in().await;
    let name = format!("{COOKIE}-0");
    let value = user.cookies[&name].clone();
    let middle = value.len() / 2;
    let other = if value.as_bytes()[middle] == b'A' { "B" } else { "A" };
    let changed = format!("{}{other}{}", &value[..middle], &value[middle + 1..]);
    let cases = [
        changed.as_str(),
        &value[..value.len() - 4],
        &format!("2{}", &value[1..]),
        &format!("0{}", &value[1..]),
        &format!("x{}", &value[1..]),
        "1",
        "1AAAA",
        "",
    ];
    for case in cases {
        let mut browser = user.clone();
        browser.cookies.insert(name.clone(), case.to_owned());
        assert_eq!(story.get(&mut browser, "/").await.status, 302, "{case}");
    }
    let failures = cases.len();
    assert_eq!(story.counted(), counted(&[("Success", 1), ("Failure", failures as u64)]));
    let told = story.told().await;
    let refused = told.iter().filter(|(_, _, reason)| reason == "AuthInvalidCookie");
    assert_eq!(refused.count(), failures);
}

#[tokio::test]
async fn a_callback_has_to_be_of_the_browser_that_was_sent_away() {
    let story = Story::new().await;
    let (mut ann, mut eve) = (story.browser(), story.browser());
    let callback = story.issuer.log_in(&story.sent_away(&mut ann, "/").await);
    story.sent_away(&mut eve, "/").await;
    let nobody = story.browser();
    let (base, mut asked) = parameters(&callback);
    let state = asked.remove("state").expect("there is one");
    let code = asked.remove("code").expect("there is one");
    let mut changed = state.clone();
    changed.replace_range(40..41, if &state[40..41] == "A" { "B" } else { "A" });
    let cases = [
        (&nobody, callback.clone(), "AuthMissingAWSALBAuthNonce"),
        (&eve, callback.clone(), "AuthInvalidAWSALBAuthNonce"),
        (&ann, format!("{base}?code={code}&state={changed}"), "AuthInvalidStateParam"),
        (&nobody, format!("{base}?code={code}&state=AAAA"), "AuthInvalidStateParam"),
        (&ann, format!("{callback}&iss=https%3A%2F%2Fx.example"), "AuthInvalidStateParam"),
        (&nobody, format!("{base}?code={code}&state=%00"), "AuthInvalidStateParam"),
        (&nobody, format!("{base}?code={code}"), "AuthMissingStateParam"),
        (&nobody, base.to_owned(), "AuthMissingStateParam"),
    ];
    let mut expected = Vec::new();
    for (browser, url, reason) in cases {
        let answer = story.get(&mut browser.clone(), &url).await;
        assert_eq!(answer.status, 401, "{reason}");
        expected.push(reason);
    }
    let missing = story.get(&mut ann, &format!("{base}?state={state}")).await;
    assert_eq!(missing.status, 401);
    expected.push("AuthMissingCodeParam");
    assert!(story.issuer.books().token_requests.is_empty(), "no code was spent on any of them");
    // Another host's callback is not for this login.
    let elsewhere = Request::get(callback.clone()).header("host", "other.example");
    assert_eq!(ann.send(story.world.address(), elsewhere).await.status, 401);
    expected.push("AuthInvalidStateParam");

    assert_eq!(story.get(&mut ann, &callback).await.status, 302, "it is still good for her");
    let replayed = story.get(&mut ann, &callback).await;
    assert_eq!(replayed.status.as_u16(), 561, "a code is good for one time");
    assert!(replayed.body.contains("<title>561 Authentication Error</title>"), "{}", replayed.body);
    expected.push("AuthInvalidGrantError");
    let failures = expected.len() as u64;
    assert_eq!(story.counted(), counted(&[("Success", 1), ("Failure", failures)]));
    let told = story.told().await;
    let reasons: Vec<&str> =
        told.iter().map(|(_, _, reason)| reason.as_str()).filter(|reason| *reason != "-").collect();
    assert_eq!(reasons, expected);
}

#[tokio::test]
async fn several_windows_log_in_at_once() {
    let story = Story::new().await;
    let mut browser = story.browser();
    let first = story.sent_away(&mut browser, "/first").await;
    let second = story.sent_away(&mut browser, "/second").await;
    for (location, expected) in [(second, "/second"), (first, "/first")] {
        let callback = story.issuer.log_in(&location);
        let answer = story.get(&mut browser, &callback).await;
        assert_eq!(answer.header("location"), format!("https://test.example{expected}"));
    }
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_after_a_login() {
    let story = Story::new().await;
    for (asked, expected) in [
        ("//evil.example/", "https://test.example//evil.example/"),
        ("/\\evil.example", "https://test.example/\\evil.example"),
        ("https://test.example/@evil.example", "https://test.example/@evil.example"),
        ("/?to=https://evil.example", "https://test.example/?to=https://evil.example"),
    ] {
        let mut browser = story.browser();
        let location = story.sent_away(&mut browser, asked).await;
        let callback = story.issuer.log_in(&location);
        assert_eq!(story.get(&mut browser, &callback).await.header("location"), expected);
    }
    let everything = Request::options("*");
    let mut browser = story.browser();
    let answer = browser.send(story.world.address(), everything).await;
    let callback = story.issuer.log_in(answer.header("location"));
    let answer = story.get(&mut browser, &callback).await;
    assert_eq!(answer.header("location"), "https://test.example/");

    for (host, status) in [("evil.example/a?b", 400), ("a\\b", 400), ("", 401)] {
        let request = Request::get("/").header("host", host);
        let answer = story.browser().send(story.world.address(), request).await;
        assert_eq!(answer.status.as_u16(), status, "`{host}`");
    }
    let long = format!("/{}", "a".repeat(9000));
    assert_eq!(story.get(&mut story.browser(), &long).await.status, 414);
}

#[tokio::test]
async fn an_issuer_that_refuses_or_lies_authenticates_nobody() {
    let story = Story::new().await;
    type Change = fn(&mut crate::issuer::Books);
    let cases: &[(u16, &str, Change)] = &[
        (561, "AuthTokenEpRequestFailed", |issuer| {
            issuer.token_answer = Some((401, json!({"error": "invalid_client"}).to_string()));
        }),
        (561, "AuthTokenEpRequestFailed", |issuer| {
            issuer.token_answer = Some((302, String::new()));
        }),
        (561, "AuthUserinfoEpRequestFailed", |issuer| {
            issuer.user_info_answer = Some((403, String::new()));
        }),
        (401, "AuthInvalidTokenResponse", |issuer| {
            issuer.token_answer = Some((200, "<html>".to_owned()));
        }),
        (401, "AuthInvalidTokenResponse", |issuer| {
            let without = json!({"access_token": "access-1", "token_type": "Bearer"});
            issuer.token_answer = Some((200, without.to_string()));
        }),
        (401, "AuthInvalidTokenResponse", |issuer| {
            let broken = json!({"access_token": "access-1\r\nx: y", "token_type": "Bearer"});
            issuer.token_answer = Some((200, broken.to_string()));
        }),
        (401, "AuthInvalidTokenResponse", |issuer| {
            issuer.token_answer = Some((200, "x".repeat(100_000)));
        }),
        (401, "AuthInvalidIdToken", |issuer| issuer.wrong_claims = json!({"nonce": "another"})),
        (401, "AuthInvalidIdToken", |issuer| issuer.wrong_claims = json!({"aud": "another"})),
        (401, "AuthInvalidIdToken", |issuer| issuer.wrong_claims = json!({"iss": "https://x"})),
        (401, "AuthInvalidIdToken", |issuer| issuer.wrong_claims = json!({"exp": 1})),
        (401, "AuthInvalidUserinfoResponse", |issuer| issuer.claims = json!({"sub": "eve"})),
        (401, "AuthInvalidUserinfoResponse", |issuer| issuer.claims = json!(["ann"])),
        (401, "AuthInvalidUserinfoResponse", |issuer| {
            issuer.user_info_answer = Some((200, "a.signed.one".to_owned()));
        }),
        (500, "AuthUserinfoResponseSizeExceeded", |issuer| {
            issuer.claims = json!({"sub": "ann", "groups": "x".repeat(11 * 1024)});
        }),
        (500, "AuthUserinfoResponseSizeExceeded", |issuer| {
            issuer.user_info_answer = Some((200, "x".repeat(100_000)));
        }),
    ];
    for (status, reason, change) in cases {
        let (before, claims) = {
            let mut issuer = story.issuer.books();
            let claims = issuer.claims.clone();
            change(&mut issuer);
            (story.world.metric("ELBAuthSuccess"), claims)
        };
        let (ended, mut browser) = story.called_back().await;
        assert_eq!(ended, *status, "{reason}");
        assert_eq!(story.world.metric("ELBAuthSuccess"), before);
        assert!(!browser.cookies.contains_key(&format!("{COOKIE}-0")), "{reason}");
        assert_eq!(story.get(&mut browser, "/").await.status, 302, "{reason}");
        let mut issuer = story.issuer.books();
        (issuer.claims, issuer.wrong_claims) = (claims, json!({}));
        (issuer.token_answer, issuer.user_info_answer) = (None, None);
    }
    let families = [("Error", 3), ("Failure", 11), ("UserClaimsSizeExceeded", 2)];
    assert_eq!(story.counted(), counted(&families));
    assert_eq!(story.called_back().await.0, 302, "and then it tells the truth again");
    let told = story.told().await;
    let reasons: Vec<&str> =
        told.iter().map(|(_, _, reason)| reason.as_str()).filter(|reason| *reason != "-").collect();
    assert_eq!(reasons, cases.iter().map(|(_, reason, _)| *reason).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_the_issuer_says_at_the_callback_is_answered() {
    let story = Story::new().await;
    for (error, status) in [("access_denied", 401), ("invalid_scope", 561)] {
        let mut browser = story.browser();
        let location = story.sent_away(&mut browser, "/").await;
        let state = parameters(&location).1["state"].clone();
        let url = format!("/oauth2/idpresponse?error={error}&state={state}");
        assert_eq!(story.get(&mut browser, &url).await.status.as_u16(), status, "{error}");
    }
    assert!(story.issuer.books().token_requests.is_empty());
    assert_eq!(story.counted(), counted(&[("Failure", 2)]));
}

#[tokio::test]
async fn an_issuer_that_is_slow_or_away_or_somebody_else_is_an_error() {
    let patience = std::time::Duration::from_millis(100);
    let options = Options { issuer_patience: patience, ..World::options() };
    let mut story = Story::asking(options, |_| {}).await;
    story.issuer.books().is_slow = true;
    assert_eq!(story.called_back().await.0, 500);
    story.issuer.books().is_slow = false;

    let away = nobody().await;
    let impostor = Authority::new("an impostor's");
    let certificate = impostor.certificate("its own", &["127.0.0.1"]);
    let impostor = Target::secured_by(&certificate, |_| async {
        panic!("nobody tells an impostor anything");
    })
    .await;
    for address in [away, impostor.address] {
        let mut config = story.issuer.config();
        config.token_endpoint = format!("https://{address}/token");
        story.world.listener().default_actions = authenticated(config.clone());
        story.world.apply();
        assert_eq!(story.called_back().await.0, 500, "{address}");
        config.token_endpoint = story.issuer.config().token_endpoint;
        config.user_info_endpoint = format!("https://{address}/user");
        story.world.listener().default_actions = authenticated(config);
        story.world.apply();
        assert_eq!(story.called_back().await.0, 500, "{address}");
    }
    assert_eq!(story.counted(), counted(&[("Error", 5)]));
    let told = story.told().await;
    let reasons: Vec<&str> =
        told.iter().map(|(_, _, reason)| reason.as_str()).filter(|reason| *reason != "-").collect();
    let (token, user) = ("AuthTokenEpRequestTimeout", "AuthUserinfoEpRequestTimeout");
    assert_eq!(reasons, [token, token, user, token, user]);
}

#[tokio::test]
async fn a_session_is_refreshed_once_for_all_who_come_with_it() {
    let story = Story::new().await;
    {
        let mut issuer = story.issuer.books();
        (issuer.expires_in, issuer.gives_refresh_tokens) = (Some(0), true);
    }
    let user = story.logged_in().await;
    story.issuer.books().expires_in = Some(3600);
    let asked = (0..8).map(|_| {
        let (mut browser, address) = (user.clone(), story.world.address());
        async move { (browser.get(address, "/").await, browser) }
    });
    let answers = futures_util::future::join_all(asked).await;
    for (answer, _) in &answers {
        assert_eq!(sent(answer, "x-amzn-oidc-accesstoken"), Some("access-4"), "{}", answer.body);
        assert_eq!(set_cookies(answer).len(), 1, "each is told the new session");
    }
    assert_eq!(story.issuer.books().token_requests.len(), 2, "the login, and one refresh");
    assert_eq!(story.counted(), counted(&[("Success", 1), ("RefreshTokenSuccess", 1)]));

    let mut browser = answers.into_iter().next().expect("there are eight").1;
    let answer = story.get(&mut browser, "/").await;
    assert_eq!(sent(&answer, "x-amzn-oidc-accesstoken"), Some("access-4"));
    assert!(set_cookies(&answer).is_empty(), "it is good for an hour");
    let elsewhere = user.clone();
    let request = Request::get("/").header("origin", "https://other.example");
    let answer = elsewhere.clone().send(story.world.address(), request).await;
    assert!(set_cookies(&answer)[0].ends_with("; Secure; HttpOnly; SameSite=None"), "{answer:?}");
}

#[tokio::test]
async fn whom_the_issuer_knows_no_more_has_to_log_in() {
    let story = Story::new().await;
    {
        let mut issuer = story.issuer.books();
        (issuer.expires_in, issuer.gives_refresh_tokens) = (Some(0), true);
    }
    type Case = (&'static str, fn(&mut crate::issuer::Books));
    let cases: [Case; 3] = [
        ("AuthInvalidGrantError", |issuer| {
            let refused = json!({"error": "invalid_grant"}).to_string();
            issuer.token_answer = Some((400, refused));
        }),
        ("AuthInvalidIdToken", |issuer| issuer.wrong_claims = json!({"sub": "eve"})),
        ("AuthInvalidUserinfoResponse", |issuer| issuer.claims = json!({"sub": "eve"})),
    ];
    let mut expected = Vec::new();
    for (reason, change) in cases {
        let mut user = story.logged_in().await;
        change(&mut story.issuer.books());
        let answer = story.get(&mut user, "/").await;
        assert_eq!(answer.status, 302, "{reason}");
        assert!(answer.header("location").contains("/authorize?"), "{reason}");
        expected.push(reason);
        let mut issuer = story.issuer.books();
        (issuer.token_answer, issuer.wrong_claims) = (None, json!({}));
        issuer.claims = json!({"sub": "ann"});
    }
    let told = story.told().await;
    let reasons: Vec<&str> =
        told.iter().map(|(_, _, reason)| reason.as_str()).filter(|reason| *reason != "-").collect();
    assert_eq!(reasons, expected);
}

#[tokio::test]
async fn without_a_refresh_token_a_session_goes_on_to_its_end() {
    let story = Story::new().await;
    story.issuer.books().expires_in = Some(0);
    let mut user = story.logged_in().await;
    assert_eq!(story.get(&mut user, "/").await.status, 200);
    assert_eq!(story.issuer.books().token_requests.len(), 1);
}

#[tokio::test]
async fn large_sessions_are_in_several_cookies() {
    let story = Story::new().await;
    // What cannot be packed, as pictures and signatures cannot.
    let noise = (0..200_u32).flat_map(|number| {
        let digest = ring::digest::digest(&ring::digest::SHA256, &number.to_be_bytes());
        digest.as_ref().to_vec()
    });
    let noise = URL_SAFE.encode(noise.collect::<Vec<u8>>());
    for size in [noise.len(), 10] {
        story.issuer.books().claims = json!({"sub": "ann", "noise": &noise[..size]});
        let mut user = story.logged_in().await;
        let shards = |browser: &Browser| {
            browser.cookies.keys().filter(|name| name.starts_with(COOKIE)).count()
        };
        let is_large = size > 10;
        assert_eq!(shards(&user) > 1, is_large, "{:?}", user.cookies.keys());
        let answer = story.get(&mut user, "/").await;
        let data = sent(&answer, "x-amzn-oidc-data").expect("there is one");
        let claims = URL_SAFE.decode(data.split('.').nth(1).expect("three parts"));
        let claims: Value = serde_json::from_slice(&claims.expect("base 64")).expect("JSON");
        assert_eq!(claims["noise"], noise[..size]);
        if is_large {
            let mut lost = user.clone();
            lost.cookies.remove(&format!("{COOKIE}-1"));
            assert_eq!(story.get(&mut lost, "/").await.status, 302);
            // A smaller session takes back the cookies that it does not need.
            story.issuer.books().claims = json!({"sub": "ann"});
            let location = story.sent_away(&mut lost.clone(), "/").await;
            let mut again = user.clone();
            let callback = story.issuer.log_in(&location);
            assert_eq!(story.get(&mut again, &callback).await.status, 302);
            assert_eq!(shards(&again), 1, "{:?}", again.cookies.keys());
            assert_eq!(story.get(&mut again, "/").await.status, 200);
        }
    }
}

#[tokio::test]
async fn where_a_balancer_authenticates_nobody_claims_for_its_users() {
    let mut story = Story::new().await;
    let plain = crate::world::listener("plain", vec![forward("group")]);
    story.world.balancer().listeners.push(plain);
    story.world.apply();
    let mut client = Client::connect(story.world.address_of("plain")).await;
    let eve = || Request::get("/").header("x-amzn-oidc-data", "eve");
    assert!(!client.send(eve()).await.body.contains("eve"), "no listener passes it on");
    let callback = client.get("/oauth2/idpresponse?code=1").await;
    assert_eq!(callback.status, 200, "a path like any other, where nobody is authenticated");

    let world = World::forwarding_to(&[story.target.address]);
    let mut client = Client::connect(world.address()).await;
    let passed = client.send(eve()).await;
    assert_eq!(
        sent(&passed, "x-amzn-oidc-data"),
        Some("eve"),
        "a balancer before it may have said so"
    );
}

#[tokio::test]
async fn what_cannot_be_carried_is_not_opened_and_says_why() {
    type Change = fn(&mut Story);
    let cases: [(&str, Change); 4] = [
        ("authenticate-oidc is for HTTPS alone", |story| {
            story.world.listener().protocol = ListenerProtocol::Http;
        }),
        ("its balancer's keys are not known", |story| {
            story.world.balancer().authentication = None;
        }),
        ("its balancer's keys are none", |story| {
            story.world.balancer().authentication.as_mut().expect("keys").session_key =
                Secret("short".to_owned());
        }),
        ("is no URL with https", |story| {
            let mut config = story.issuer.config();
            config.token_endpoint = "http://issuer.example/token".to_owned();
            story.world.listener().default_actions = authenticated(config);
        }),
    ];
    for (expected, change) in cases {
        let mut story = Story::new().await;
        change(&mut story);
        story.world.proxy.apply(&story.world.configuration);
        let problem = story.world.proxy.state().listeners[0].problem.clone();
        let problem = problem.expect("it is not opened");
        assert!(problem.contains(expected), "{expected}: {problem}");
    }
    let issuer = Issuer::new().await;
    let options =
        Options { issuer_authorities: Some("/nowhere/ca.pem".into()), ..World::options() };
    let story = Story::new().await;
    let mut world = World::with(options, authenticated(issuer.config()), Vec::new());
    world.configuration = story.world.configuration.clone();
    world.proxy.apply(&world.configuration);
    let problem = world.proxy.state().listeners[0].problem.clone().expect("it is not opened");
    assert!(problem.contains("/nowhere/ca.pem"), "{problem}");
}

#[tokio::test]
async fn a_client_that_names_no_host_cannot_be_sent_anywhere() {
    let mut story = Story::new().await;
    // By HTTP/1.0, in which nobody has to; TLS is another matter.
    story.world.listener().rules.clear();
    let config = story.authority.trusting(&["http/1.1"], None);
    let address = story.world.address();
    let mut stream = crate::authority::secured(config, address, "test.example").await.expect("TLS");
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.expect("it is taken");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert_eq!(story.counted(), counted(&[("Error", 1)]));
    assert_eq!(story.told().await[0].2, "AuthMissingHostHeader");
}
