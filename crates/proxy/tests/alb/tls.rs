use std::sync::Arc;

use berth_proxy_protocol::{ClientAuthentication, ListenerProtocol, SecurityPolicy, TrustStore};
use http::Request;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ProtocolVersion};

use crate::authority::{Authority, Identity, secured};
use crate::client::{Answer, Client};
use crate::target::Target;
use crate::world::{World, forward, group};

/// A balancer with TLS and certificates for `test.example`, `*.wild.example` and, by default, `default.example`.
async fn world(authority: &Authority, target: &Target) -> World {
    let mut world = World::new(vec![forward("group")], vec![group("group", &[target.address])]);
    world.configuration.certificates = vec![
        authority.certificate("default", &["default.example"]),
        authority.certificate("exact", &["test.example"]),
        authority.certificate("wild", &["*.wild.example"]),
    ];
    let listener = world.listener();
    listener.protocol = ListenerProtocol::Https;
    listener.certificates = vec!["default".into(), "exact".into(), "wild".into()];
    world
}

async fn get(world: &World, config: Arc<ClientConfig>, path: &str) -> std::io::Result<Answer> {
    let stream = secured(config, world.address(), "test.example").await?;
    let mut client = Client::over(stream).await?;
    client.try_get(path).await
}

#[tokio::test]
async fn each_host_is_shown_its_certificate() {
    let (authority, target) = (Authority::new("root"), Target::echo("one").await);
    let world = world(&authority, &target).await;
    world.apply();
    for (host, arn) in
        [("test.example", "exact"), ("a.wild.example", "wild"), ("default.example", "default")]
    {
        let config = authority.trusting(&[], None);
        let stream = secured(config, world.address(), host).await.expect("it is trusted");
        let shown = stream.get_ref().1.peer_certificates().expect("one is shown")[0].clone();
        let certificates = &world.configuration.certificates;
        let expected = certificates.iter().find(|it| it.arn == arn).expect("it is there");
        let expected = CertificateDer::from_pem_slice(expected.chain.as_bytes()).expect("PEM");
        assert_eq!(shown, expected, "{host}");
    }
    for host in ["a.b.wild.example", "wild.example", "other.example"] {
        let refused = secured(authority.trusting(&[], None), world.address(), host).await;
        assert!(refused.is_err(), "{host} has none of its own");
    }
    // Whoever is refused tells the other side, which counts it when it hears of it.
    while world.metric("ClientTLSNegotiationErrorCount") < 3 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn both_versions_of_http_are_agreed_on_and_targets_learn_of_tls() {
    let (authority, target) = (Authority::new("root"), Target::echo("one").await);
    let mut world = world(&authority, &target).await;
    world.balancer().attributes.tls_version_and_cipher_headers = true;
    world.apply();
    let config = authority.trusting(&["http/1.1"], None);
    let answer = get(&world, config, "/").await.expect("it is answered");
    for line in [
        "x-forwarded-proto: https\n",
        "x-amzn-tls-version: TLSv1.3\n",
        "x-amzn-tls-cipher-suite: TLS_AES_256_GCM_SHA384\n",
    ] {
        assert!(answer.body.contains(line), "{}", answer.body);
    }

    let config = authority.trusting(&["h2", "http/1.1"], None);
    let stream = secured(config, world.address(), "test.example").await.expect("it is trusted");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let mut client = Client::http2(stream).await;
    for path in ["/a", "/b"] {
        let request = Request::get(path).header("cookie", "a=1").header("cookie", "b=2");
        let answer = client.send(request).await;
        assert!(answer.body.starts_with(&format!("GET {path} h1\n")), "{}", answer.body);
        assert!(answer.body.contains("host: test.example\n"), "{}", answer.body);
        assert!(answer.body.contains("cookie: a=1; b=2\n"), "{}", answer.body);
    }

    world.balancer().attributes.http2 = false;
    world.apply();
    let config = authority.trusting(&["h2", "http/1.1"], None);
    let stream = secured(config, world.address(), "test.example").await.expect("it is trusted");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
}

#[tokio::test]
async fn a_security_policy_leaves_what_it_leaves() {
    let (authority, target) = (Authority::new("root"), Target::echo("one").await);
    let mut world = world(&authority, &target).await;
    world.listener().security_policy = Some(SecurityPolicy {
        name: "of the test".into(),
        tls_1_2: true,
        tls_1_3: false,
        cipher_suites: vec![
            "TLS_RSA_WITH_3DES_EDE_CBC_SHA".into(),
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256".into(),
        ],
    });
    world.apply();
    let config = authority.trusting(&[], None);
    let stream = secured(config, world.address(), "test.example").await.expect("it is trusted");
    let connection = stream.get_ref().1;
    assert_eq!(connection.protocol_version(), Some(ProtocolVersion::TLSv1_2));
    let suite = connection.negotiated_cipher_suite().expect("one is agreed on").suite();
    assert_eq!(suite.as_str(), Some("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"));

    world.listener().security_policy.as_mut().expect("one").cipher_suites.truncate(1);
    world.proxy.apply(&world.configuration);
    let problem = world.proxy.state().listeners[0].problem.clone();
    assert_eq!(problem.as_deref(), Some("no cipher suite of of the test can be had"));
}

#[tokio::test]
async fn clients_prove_who_they_are() {
    let (authority, target) = (Authority::new("root"), Target::echo("one").await);
    let (clients, strangers) = (Authority::new("clients"), Authority::new("strangers"));
    let mut world = world(&authority, &target).await;
    world.configuration.trust_stores = vec![TrustStore {
        arn: "store".into(),
        authorities: clients.pem.clone(),
        revocations: vec![clients.revoking(9)],
    }];
    let verify = |accept_expired| ClientAuthentication::Verify {
        trust_store: "store".into(),
        accept_expired,
    };
    world.listener().client_authentication = verify(false);
    world.apply();
    let with = |identity: &Identity| authority.trusting(&["http/1.1"], Some(identity));

    let answer = get(&world, with(&clients.client("ann", 7)), "/").await.expect("she is known");
    for line in [
        "x-amzn-mtls-clientcert-subject: CN=ann\n",
        "x-amzn-mtls-clientcert-serial-number: 07\n",
        "x-amzn-mtls-clientcert-validity: NotBefore=1975-01-01T00:00:00Z;NotAfter=4096-01-01T00:00:00Z\n",
        "x-amzn-mtls-clientcert-leaf: -----BEGIN%20CERTIFICATE-----%0AMII",
    ] {
        assert!(answer.body.contains(line), "{line} in {}", answer.body);
    }
    let no_one = authority.trusting(&["http/1.1"], None);
    assert!(get(&world, no_one, "/").await.is_err(), "without a certificate");
    assert!(get(&world, with(&strangers.client("eve", 7)), "/").await.is_err(), "a stranger");
    assert!(get(&world, with(&clients.client("bob", 9)), "/").await.is_err(), "revoked");
    let expired = clients.expired_client("old", 8);
    assert!(get(&world, with(&expired), "/").await.is_err(), "expired");

    world.listener().client_authentication = verify(true);
    world.apply();
    assert!(get(&world, with(&expired), "/").await.is_ok(), "expired ones are accepted now");
    let stranger = strangers.expired_client("eve", 8);
    assert!(get(&world, with(&stranger), "/").await.is_err(), "but no strangers");
}

#[tokio::test]
async fn certificates_are_passed_through_and_cannot_be_made_up() {
    let (authority, target) = (Authority::new("root"), Target::echo("one").await);
    let anybody = Authority::new("anybody");
    let mut world = world(&authority, &target).await;
    world.listener().client_authentication = ClientAuthentication::Passthrough;
    world.listener().attributes.renamed_request_headers =
        vec![("X-Amzn-Mtls-Clientcert".into(), "X-Client".into())];
    world.apply();
    let config = authority.trusting(&["http/1.1"], Some(&anybody.client("x", 1)));
    let answer = get(&world, config, "/").await.expect("whoever comes");
    assert!(answer.body.contains("x-client: -----BEGIN%20CERTIFICATE-----%0AMII"));

    let config = authority.trusting(&["http/1.1"], None);
    let stream = secured(config, world.address(), "test.example").await.expect("it is trusted");
    let mut client = Client::over(stream).await.expect("it is a connection");
    let answer = client.send(Request::get("/").header("x-client", "me")).await;
    assert!(!answer.body.contains("x-client"), "{}", answer.body);
}

#[tokio::test]
async fn a_new_certificate_is_shown_to_whoever_comes_next() {
    let (authority, target) = (Authority::new("root"), Target::echo("one").await);
    let mut world = world(&authority, &target).await;
    world.apply();
    let config = authority.trusting(&["http/1.1"], None);
    let stream = secured(config, world.address(), "test.example").await.expect("it is trusted");
    let mut old = Client::over(stream).await.expect("it is a connection");
    let new_authority = Authority::new("new root");
    world.configuration.certificates[1] = new_authority.certificate("exact", &["test.example"]);
    world.apply();
    let config = new_authority.trusting(&["http/1.1"], None);
    assert_eq!(get(&world, config, "/").await.expect("it is trusted").target(), "one");
    assert_eq!(old.get("/").await.target(), "one", "the connection from before goes on");
}
