//! Servers with certificates of every kind, and who believes them.

use std::sync::Mutex;
use std::time::Duration;

use berth_aws_protocol::sigv4::Credentials;
use futures_util::{SinkExt, StreamExt};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::identity::{HostCalls, HostIdentity, IdentityFile, NotJoined};
use crate::{AcsSession, CallError, ControlPlane, Endpoint, HttpControlPlane, JoinGrant};

/// A certificate authority.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
}

/// What a server shows.
struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    fn pin(&self) -> Pin {
        Pin::of(self.certificate.der()).unwrap()
    }

    fn certifies(&self, change: impl FnOnce(&mut CertificateParams)) -> Shown {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        change(&mut params);
        let leaf = params.signed_by(&key, &self.issuer).unwrap();
        Shown { chain: vec![leaf.der().clone(), self.certificate.der().clone()], key }
    }

    fn trusted(&self) -> Trust {
        Trust::new().with_authorities(self.certificate.pem().as_bytes()).unwrap()
    }
}

impl Shown {
    fn acceptor(self) -> TlsAcceptor {
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(self.chain, PrivatePkcs8KeyDer::from(self.key.serialize_der()).into())
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    /// Answers every request with `{}`; says where it is.
    async fn serve(self) -> String {
        let acceptor = self.acceptor();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("https://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut read = Vec::new();
                while !read.ends_with(b"{}") {
                    if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
                        break;
                    }
                }
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
            }
        });
        address
    }
}

fn control_plane(address: &str, trust: Trust) -> HttpControlPlane {
    let endpoint = Endpoint::new(address, trust);
    HttpControlPlane::new(endpoint, "eu-west-1", Credentials::new("AKID", "secret")).unwrap()
}

async fn call(address: &str, trust: Trust) -> Result<(), String> {
    let answer = control_plane(address, trust).call("ListClusters", json!({})).await;
    match answer {
        Ok(_) => Ok(()),
        Err(CallError::Unreachable(cause)) => {
            assert!(is_distrust(&cause), "{cause:#}");
            Err(format!("{cause:#}"))
        }
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_authority_is_known_by_its_certificate_or_by_its_fingerprint() {
    let authority = Authority::new("ours");
    let address = authority.certifies(|_| {}).serve().await;
    call(&address, authority.trusted()).await.unwrap();

    let learned = Arc::new(Mutex::new(String::new()));
    let told = Arc::clone(&learned);
    let pinned = Trust::new().with_pin(authority.pin());
    let pinned = pinned.learning(move |pem| pem.clone_into(&mut told.lock().unwrap()));
    call(&address, pinned).await.unwrap();
    let learned = learned.lock().unwrap().clone();
    let kept = Trust::new().with_authorities(learned.as_bytes()).unwrap();
    assert_eq!(kept.authorities, [authority.certificate.der().clone()]);
    call(&address, kept).await.unwrap();
}

#[tokio::test]
async fn somebody_else_is_not_believed_and_it_is_said_what_to_do() {
    let (ours, other) = (Authority::new("ours"), Authority::new("ours"));
    let address = other.certifies(|_| {}).serve().await;
    for trust in
        [ours.trusted(), Trust::new().with_pin(ours.pin()), ours.trusted().with_pin(ours.pin())]
    {
        let words = call(&address, trust).await.unwrap_err();
        assert!(words.contains("--ca-file") && words.contains("new token"), "{words}");
    }
    // One of several is enough: a server that began anew, and its new token.
    call(&address, ours.trusted().with_pin(other.pin())).await.unwrap();
}

#[tokio::test]
async fn an_authority_that_is_shown_must_also_have_signed() {
    let (ours, other) = (Authority::new("ours"), Authority::new("ours"));
    let mut shown = other.certifies(|_| {});
    shown.chain[1] = ours.certificate.der().clone();
    let address = shown.serve().await;
    for trust in [ours.trusted(), Trust::new().with_pin(ours.pin())] {
        call(&address, trust).await.unwrap_err();
    }
}

#[tokio::test]
async fn name_and_dates_are_checked_however_the_authority_is_known() {
    let authority = Authority::new("ours");
    for trust in [authority.trusted(), Trust::new().with_pin(authority.pin())] {
        let expired = authority.certifies(|params| params.not_after = date_time_ymd(2020, 1, 1));
        let words = call(&expired.serve().await, trust.clone()).await.unwrap_err();
        assert!(words.contains("expired"), "{words}");
        let elsewhere = authority.certifies(|params| {
            params.subject_alt_names = vec![rcgen::SanType::DnsName("a.test".try_into().unwrap())];
        });
        let words = call(&elsewhere.serve().await, trust).await.unwrap_err();
        assert!(words.contains("not valid for name"), "{words}");
    }
}

#[tokio::test]
async fn who_answers_in_place_of_the_server_gets_no_activation_and_the_host_is_told_at_once() {
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let address = other.certifies(|_| {}).serve().await;
    let grant: JoinGrant = format!("a.b.{}", ours.pin()).parse().unwrap();
    let trust = Trust::new().with_pin(grant.authority.unwrap());
    let calls = HostCalls::new(Endpoint::new(address, trust)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = IdentityFile::new(folder.path().join("identity.json"));
    let joined = HostIdentity::join(&file, NotJoined::afresh(), &calls, &grant, None);
    let refused = tokio::time::timeout(Duration::from_secs(60), joined).await.unwrap();
    let words = format!("{:#}", refused.err().unwrap());
    assert!(words.contains("--ca-file"), "{words}");
}

#[tokio::test]
async fn sessions_are_web_sockets_over_tls() {
    let authority = Authority::new("ours");
    let acceptor = authority.certifies(|_| {}).acceptor();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let stream = acceptor.accept(stream).await.unwrap();
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        let heard = socket.next().await.unwrap().unwrap();
        socket.send(heard).await.unwrap();
        assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
    });
    let session = AcsSession {
        cluster: "c".into(),
        container_instance: "arn:i/1".into(),
        agent_version: "1".into(),
        agent_hash: "h".into(),
        docker_version: "20".into(),
        send_credentials: true,
    };
    let control_plane = control_plane(&address, Trust::new().with_pin(authority.pin()));
    let mut socket = control_plane.open_acs(&format!("{address}/acs"), &session).await.unwrap();
    let long = "x".repeat(100_000);
    socket.outgoing.send(long.clone()).await.unwrap();
    assert_eq!(socket.incoming.recv().await, Some(Ok(long)));
    drop(socket);
    server.await.unwrap();
}

#[test]
fn what_is_no_authority_is_refused_before_it_is_needed() {
    let leaf = Authority::new("ours").certifies(|_| {});
    let key = leaf.key.serialize_pem();
    for (pem, fault) in [
        ("", "no certificate"),
        (key.as_str(), "no certificate"),
        ("-----BEGIN CERTIFICATE-----\nx", "PEM"),
    ] {
        let error = format!("{:#}", Trust::new().with_authorities(pem.as_bytes()).unwrap_err());
        assert!(error.contains(fault), "{error}");
    }
}
