//! Against a server that checks every signature.

use berth_aws_protocol::sigv4::{CredentialScope, KeyRefusal, SigningKey, Verified, verify};
use tokio::net::TcpListener;

use super::*;
use crate::testing::http_server::answer;

const ACCESS_DENIED: &str = "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code><Message>no &amp; never</Message><Resource>/b/k</Resource></Error>";

async fn listen() -> (TcpListener, HttpSources) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = |key: &str| SourceEndpoint {
        endpoint: Endpoint::from(&format!("http://{}", listener.local_addr().unwrap())),
        region: "eu-west-1".into(),
        credentials: Arc::new(Credentials::new(key, "secret")),
        knows_roles: true,
    };
    let sources = HttpSources::new().with_objects(endpoint("OBJECTS")).unwrap();
    let sources = sources.with_secrets(endpoint("SECRETS")).unwrap();
    (listener, sources)
}

fn role() -> IAMRoleCredentials {
    IAMRoleCredentials {
        access_key_id: "ROLE".into(),
        secret_access_key: "secret".into(),
        session_token: "token".into(),
        ..IAMRoleCredentials::default()
    }
}

fn verified(request: &Request<Bytes>) -> Verified {
    let keys = |_: &str, _: Option<&str>, scope: &CredentialScope| -> Result<_, KeyRefusal> {
        Ok(SigningKey::derive("secret", scope))
    };
    verify(request, SystemClock.now(), &keys).unwrap()
}

#[tokio::test]
async fn an_object_comes_from_its_bucket_in_the_path() {
    let (listener, sources) = listen().await;
    let server = tokio::spawn(answer(listener, "200 OK", "A=1\n"));
    let object = sources.object("my-bucket", "dir/a b+ü.env", None).await.unwrap();
    assert_eq!(object, "A=1\n");

    let request = server.await.unwrap();
    assert_eq!(request.method(), "GET");
    assert_eq!(request.uri().path(), "/my-bucket/dir/a%20b%2B%C3%BC.env");
    let verified = verified(&request);
    assert_eq!(verified.access_key_id, "OBJECTS");
    assert_eq!((verified.region.as_str(), verified.service.as_str()), ("eu-west-1", "s3"));
}

#[tokio::test]
async fn a_secret_is_asked_for_in_its_region_and_in_the_roles_name() {
    let (listener, sources) = listen().await;
    let body = r#"{"Name":"n","SecretString":"{\"username\":\"u\"}","VersionId":"v"}"#;
    let server = tokio::spawn(answer(listener, "200 OK", body));
    let id = "arn:aws:secretsmanager:us-west-2:1:secret:n-AbCdEf";
    let secret = sources.secret(&id.into(), Some("us-west-2"), Some(&role())).await.unwrap();
    assert_eq!(secret, r#"{"username":"u"}"#);

    let request = server.await.unwrap();
    assert_eq!(request.headers()["x-amz-target"], "secretsmanager.GetSecretValue");
    assert_eq!(request.body(), &format!(r#"{{"SecretId":"{id}"}}"#));
    let verified = verified(&request);
    assert_eq!(
        (verified.region.as_str(), verified.service.as_str()),
        ("us-west-2", "secretsmanager")
    );
    assert_eq!(verified.access_key_id, "ROLE");
    assert_eq!(verified.session_token.as_deref(), Some("token"));
}

#[tokio::test]
async fn a_refusal_says_who_was_asked_for_what_and_what_it_said() {
    let (listener, sources) = listen().await;
    let at = listener.local_addr().unwrap();
    let server = tokio::spawn(answer(listener, "403 Forbidden", ACCESS_DENIED));
    let error = sources.object("b", "k.env", None).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("S3 GetObject b/k.env at http://{at}: AccessDenied: no & never (status code: 403)")
    );
    assert!(!error.is_transient());
    server.await.unwrap();
    let error = sources.object("b", "k.env", None).await.unwrap_err();
    assert!(matches!(error, SourceError::Unreachable { .. }), "nobody listens any more: {error}");
    assert!(error.is_transient());

    let (listener, sources) = listen().await;
    let body = r#"{"__type":"ResourceNotFoundException","Message":"no such secret"}"#;
    let server = tokio::spawn(answer(listener, "400 Bad Request", body));
    let error = sources.secret(&"login".into(), None, None).await.unwrap_err().to_string();
    assert!(error.starts_with("Secrets Manager GetSecretValue login at http://"), "{error}");
    assert!(error.contains("ResourceNotFoundException: no such secret"), "{error}");
    server.await.unwrap();
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let (listener, sources) = listen().await;
    let head = "307 Temporary Redirect\r\nlocation: http://elsewhere/";
    let server = tokio::spawn(answer(listener, head, ""));
    let error = sources.object("b", "k", None).await.unwrap_err().to_string();
    assert!(
        error.contains("307: redirects to http://elsewhere/, which is not followed"),
        "{error}"
    );
    server.await.unwrap();
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let (listener, sources) = listen().await;
    let much = "x".repeat(MAX_ANSWER + 1);
    let server = tokio::spawn(async move { answer(listener, "200 OK", &much).await });
    let error = sources.object("b", "k", None).await.unwrap_err();
    assert!(error.to_string().ends_with("the answer is larger than 4 MiB"), "{error}");
    server.await.unwrap();
}

#[tokio::test]
async fn an_unusable_secret_never_shows_in_the_error() {
    for body in [r#"{"SecretBinary":"aGlkZGVu"}"#, r#"{"SecretString":["hidden"]}"#, "hidden"] {
        let (listener, sources) = listen().await;
        let server = tokio::spawn(async move { answer(listener, "200 OK", body).await });
        let error = sources.secret(&"s".into(), None, None).await.unwrap_err();
        assert!(matches!(error, SourceError::Unusable { .. }), "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hidden") && !shown.contains("aGlkZGVu"), "{shown}");
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_host_that_is_told_of_nobody_says_how_to_tell_it() {
    for sources in [Box::new(HttpSources::new()) as Box<dyn Sources>, Box::new(crate::NoSources)] {
        assert!(!sources.has_objects() && !sources.has_secrets());
        let error = sources.object("b", "k", None).await.unwrap_err().to_string();
        assert!(error.starts_with("S3 GetObject b/k: "), "{error}");
        assert!(error.ends_with("--s3-endpoint URL"), "{error}");
        let error = sources.secret(&"s".into(), None, None).await.unwrap_err().to_string();
        assert!(error.ends_with("--secrets-endpoint URL"), "{error}");
    }
}
