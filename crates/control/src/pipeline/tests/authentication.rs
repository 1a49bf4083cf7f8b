//! Who is believed, and who may.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use berth_aws_protocol::sigv4::{Credentials, Signer};
use http::Request;

use super::world::*;
use crate::pipeline::authenticate::{
    Credential, CredentialSource, SigV4Authenticator, StaticCredentials,
};
use crate::pipeline::{AllowAll, PrincipalKind};

#[tokio::test]
async fn whoever_proves_nothing_is_let_in_nowhere() {
    let tampered = || {
        let mut request = signed(put_text("echo", "good"));
        *request.body_mut() = r#"{"Name":"echo","Text":"evil"}"#.into();
        request
    };
    let late = || {
        let mut request = put_text("echo", "");
        let credentials = Credentials::new(KEY.0, KEY.1);
        let signer = Signer::new(&credentials, "eu-west-1", "fixture");
        signer.sign(&mut request, NOW - Duration::from_secs(16 * 60)).unwrap();
        request
    };
    let elsewhere = || {
        let mut request = put_text("echo", "");
        let credentials = Credentials::new(KEY.0, KEY.1);
        Signer::new(&credentials, "eu-west-1", "s3").sign(&mut request, NOW).unwrap();
        request
    };
    let garbled = || {
        let mut request = put_text("echo", "");
        request.headers_mut().insert("authorization", "AWS4-HMAC-SHA256 nonsense".parse().unwrap());
        request
    };
    let cases: [(&str, Request<bytes::Bytes>, &str, &str); 8] = [
        ("unsigned", put_text("echo", ""), "MissingAuthenticationTokenException", "Missing"),
        ("tampered", tampered(), "InvalidSignatureException", "does not match"),
        ("late", late(), "InvalidSignatureException", "Signature expired"),
        ("for another service", elsewhere(), "InvalidSignatureException", "'fixture'"),
        ("garbled", garbled(), "IncompleteSignatureException", "nonsense"),
        (
            "by a stranger",
            signed_by(("AKIDNOBODY", "x"), "eu-west-1", put_text("echo", "")),
            "UnrecognizedClientException",
            "invalid",
        ),
        (
            "with a wrong secret",
            signed_by((KEY.0, "guess"), "eu-west-1", put_text("echo", "")),
            "InvalidSignatureException",
            "does not match",
        ),
        (
            "for no region",
            signed_by(KEY, "Not A Region", put_text("echo", "")),
            "InvalidSignatureException",
            "Not A Region",
        ),
    ];
    for (case, request, expected, words) in cases {
        let world = World::enforcing();
        let (status, code, message) = error(&world.handle(request).await);
        assert_eq!((status, code.as_str()), (400, expected), "{case}: {message}");
        assert!(message.contains(words), "{case}: {message}");
        assert_eq!(world.runs(), 0, "{case}");
    }
}

#[tokio::test]
async fn an_operation_that_aws_serves_unsigned_is_served_unsigned() {
    let world = World::enforcing();
    let response = world.handle(json("Fixture_20260131.Nothing", "{}")).await;
    assert_eq!((response.status().as_u16(), world.runs()), (200, 1));
    let wrong = signed_by((KEY.0, "guess"), "eu-west-1", json("Fixture_20260131.Nothing", "{}"));
    assert_eq!(world.handle(wrong).await.status(), 400);
    assert_eq!(world.runs(), 1, "a signature that is there must be right");
}

#[tokio::test]
async fn temporary_credentials_need_their_token_and_end() {
    let temporary = |expires_at| Credential {
        secret_access_key: "secret".into(),
        session_token: Some("token".into()),
        expires_at: Some(expires_at),
        holder: PrincipalKind::Administrator,
    };
    let keys = StaticCredentials::new()
        .with("ASIAGOOD", temporary(NOW + Duration::from_secs(60)))
        .with("ASIAOLD", temporary(NOW - Duration::from_secs(60)));
    let world = World::with(SigV4Authenticator::new(keys), AllowAll);
    let request = |id: &str, token: Option<&str>| {
        let mut request = put_text("echo", "");
        let credentials = Credentials {
            session_token: token.map(str::to_owned),
            ..Credentials::new(id, "secret")
        };
        Signer::new(&credentials, "eu-west-1", "fixture").sign(&mut request, NOW).unwrap();
        request
    };
    assert_eq!(world.handle(request("ASIAGOOD", Some("token"))).await.status(), 200);
    for (id, token, expected) in [
        ("ASIAGOOD", None, "UnrecognizedClientException"),
        ("ASIAGOOD", Some("other"), "UnrecognizedClientException"),
        ("ASIAOLD", Some("token"), "ExpiredTokenException"),
    ] {
        assert_eq!(error(&world.handle(request(id, token)).await).1, expected, "{id} {token:?}");
    }
}

struct Unreachable(AtomicBool);

#[async_trait]
impl CredentialSource for Unreachable {
    async fn find(&self, _: &str, _: Option<&str>) -> anyhow::Result<Option<Credential>> {
        self.0.store(true, Ordering::SeqCst);
        anyhow::bail!("the key store at 10.0.0.9 does not answer")
    }
}

#[tokio::test]
async fn sources_are_asked_in_turn_and_a_broken_one_is_our_fault() {
    let first = StaticCredentials::new().with_administrator(KEY.0, KEY.1);
    let authenticator = SigV4Authenticator::new(first).or(Unreachable(AtomicBool::new(false)));
    let world = World::with(authenticator, AllowAll);
    assert_eq!(world.put_text("echo", "").await.status(), 200);
    let stranger = signed_by(("AKIDNOBODY", "x"), "eu-west-1", put_text("echo", ""));
    let (status, code, message) = error(&world.handle(stranger).await);
    assert_eq!((status, code.as_str()), (503, "ServiceUnavailableException"));
    assert!(!message.contains("10.0.0.9"), "{message}");
}

#[tokio::test]
async fn an_open_server_takes_the_word_of_a_signature() {
    let world = World::open();
    let who = |response: &http::Response<bytes::Bytes>| {
        body(response)["Text"].as_str().unwrap().to_owned()
    };
    let response = world.handle(put_text("who", "")).await;
    assert_eq!(who(&response), "anonymous in home from 127.0.0.1");
    let wrong = signed_by(("AKIDANY", "whatever"), "us-west-2", put_text("who", ""));
    let response = world.handle(wrong).await;
    assert_eq!(who(&response), "anonymous/AKIDANY in us-west-2 from 127.0.0.1");
}

#[tokio::test]
async fn whoever_may_not_is_told_so_before_anything_runs() {
    let keys = StaticCredentials::new().with_administrator(KEY.0, KEY.1);
    let world = World::with(SigV4Authenticator::new(keys), DenyAll);
    let (status, code, message) = error(&world.put_text("echo", "hello").await);
    assert_eq!((status, code.as_str()), (400, "AccessDeniedException"));
    let expected = "administrator/AKIDADMIN may not fixture:PutText on arn:aws:fixture:::text/echo";
    assert_eq!(message, expected, "the input is known when it is decided");
    assert_eq!(world.runs(), 0);
}
