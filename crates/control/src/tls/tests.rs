//! Handshakes in memory, with clients whose clocks say what the test wants.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use berth_model::Timestamp;
use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const NOW: Timestamp = Timestamp::from_millis(1_795_252_450_000);

/// A clock that is set.
#[derive(Debug)]
struct SetClock(AtomicI64);

impl SetClock {
    fn at(now: Timestamp) -> Arc<Self> {
        Arc::new(SetClock(AtomicI64::new(now.as_millis())))
    }

    fn set(&self, now: Timestamp) {
        self.0.store(now.as_millis(), Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

impl TimeProvider for SetClock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.now().as_millis() / 1000).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// A key and the certificate that was made for it.
pub(crate) struct Files {
    pub key: String,
    pub certificate: String,
}

impl Files {
    pub fn new() -> Files {
        let key = Authority::generate_key().unwrap().to_string();
        Files { certificate: Authority::certify(&key, NOW).unwrap(), key }
    }

    pub fn authority(&self) -> Authority {
        Authority::parse(&self.key, &self.certificate).unwrap()
    }

    /// What time it is to clients that believe this authority.
    pub fn clock(&self) -> Arc<dyn Clock> {
        SetClock::at(NOW)
    }

    /// A client that believes this authority and none else.
    pub fn client(&self) -> ClientConfig {
        self.client_at(NOW)
    }

    fn client_at(&self, now: Timestamp) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        ClientConfig::builder_with_details(provider, SetClock::at(now))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_webpki_verifier(verifier.build().unwrap())
            .with_no_client_auth()
    }
}

/// The certificates that a client was shown and believes, the server's own first.
fn shake_hands(
    client: ClientConfig,
    name: &str,
    server: Arc<ServerConfig>,
) -> Result<Vec<CertificateDer<'static>>, rustls::Error> {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut client = ClientConnection::new(Arc::new(client), name)?;
    let mut server = ServerConnection::new(server)?;
    while client.is_handshaking() {
        let mut sent = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut sent).unwrap();
        }
        server.read_tls(&mut &sent[..]).unwrap();
        server.process_new_packets()?;
        let mut answered = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut answered).unwrap();
        }
        let mut answered = &answered[..];
        while !answered.is_empty() {
            client.read_tls(&mut answered).unwrap();
            client.process_new_packets()?;
        }
    }
    Ok(client.peer_certificates().unwrap().iter().map(|shown| shown.clone().into_owned()).collect())
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn own(names: &[&str], clock: Arc<SetClock>) -> (Files, Certificates) {
    let files = Files::new();
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    let certificates = Certificates::new(files.authority(), names, clock).unwrap();
    (files, certificates)
}

#[test]
fn our_own_certificate_names_where_we_are_and_what_we_are_called() {
    let (files, certificates) = own(&["berth.test", "192.0.2.7"], SetClock::at(NOW));
    let shown = |name: &str, reached: &str| {
        let asked = Some(name).filter(|name| name.parse::<IpAddr>().is_err());
        shake_hands(files.client(), name, certificates.choose(asked, address(reached)))
    };
    for (name, reached) in [
        ("localhost", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.1.2.3", "127.1.2.3"),
        ("::1", "::1"),
        ("10.0.0.1", "::ffff:10.0.0.1"),
        ("berth.test", "10.0.0.1"),
        // As a router in between may have it.
        ("192.0.2.7", "10.0.0.1"),
    ] {
        let chain = shown(name, reached).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(chain.len(), 2, "hosts learn the authority from what they are shown");
    }
    for (name, reached) in [("10.0.0.2", "10.0.0.1"), ("other.test", "127.0.0.1")] {
        let error = shown(name, reached).unwrap_err();
        assert!(error.to_string().contains("not valid for name"), "{name}: {error}");
    }
    shake_hands(Files::new().client(), "localhost", certificates.choose(None, address("::1")))
        .expect_err("another authority's clients do not believe it");
}

#[test]
fn a_name_that_cannot_be_certified_is_refused_at_once() {
    let names = vec!["späti.test".to_owned()];
    let error = Certificates::new(Files::new().authority(), names, SetClock::at(NOW)).unwrap_err();
    assert!(error.to_string().contains("späti.test"), "{error}");
}

#[test]
fn certificates_are_made_anew_long_before_they_end() {
    let clock = SetClock::at(NOW);
    let (files, certificates) = own(&[], Arc::clone(&clock));
    let mut seen = Vec::new();
    for day in 0..100 {
        let now = NOW + DAY * day;
        clock.set(now);
        // Clients' clocks differ from ours.
        for of_client in [now - DAY / 2, now, now + DAY * 19] {
            let config = certificates.choose(None, address("127.0.0.1"));
            let chain = shake_hands(files.client_at(of_client), "127.0.0.1", config);
            let leaf = chain.unwrap_or_else(|error| panic!("on day {day}: {error}")).remove(0);
            if seen.last() != Some(&leaf) {
                seen.push(leaf);
            }
        }
    }
    assert_eq!(seen.len(), 10);
    // A clock that was wrong and is put right.
    clock.set(NOW);
    let config = certificates.choose(None, address("127.0.0.1"));
    shake_hands(files.client_at(NOW), "127.0.0.1", config).expect("it is good now");
}

#[test]
fn an_expired_certificate_is_not_believed() {
    let (files, certificates) = own(&[], SetClock::at(NOW));
    let config = certificates.choose(None, address("::1"));
    let error = shake_hands(files.client_at(NOW + own::LIFE + DAY), "::1", config).unwrap_err();
    assert!(error.to_string().contains("expired"), "{error}");
}

#[test]
fn an_authority_is_its_key() {
    let before = Files::new();
    let later = NOW + DAY * 3_000;
    let certificate = Authority::certify(&before.key, later).unwrap();
    let after = Files { key: before.key.clone(), certificate };
    assert_ne!(before.certificate, after.certificate);
    assert_eq!(before.authority().fingerprint(), after.authority().fingerprint());
    let renewed = Certificates::new(after.authority(), Vec::new(), SetClock::at(later)).unwrap();
    let config = renewed.choose(None, address("::1"));
    shake_hands(before.client_at(later), "::1", config).expect("whoever knew it knows it still");

    let error = Authority::parse(&Files::new().key, &before.certificate).err().unwrap();
    assert!(matches!(error, AuthorityError::Mismatch), "{error}");
    assert!(Authority::parse("nonsense", &before.certificate).is_err());
    assert!(Authority::parse(&before.key, "nonsense").is_err());
}

/// Writes a certificate for a name, from another authority, and says what it is.
fn give(folder: &Path, name: &str) -> (String, String, CertificateDer<'static>) {
    let issuer_key = KeyPair::generate().unwrap();
    let issuer = Issuer::new(CertificateParams::default(), issuer_key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned(), "192.0.2.1".to_owned()]).unwrap();
    let leaf = params.signed_by(&key, &issuer).unwrap();
    fs::write(folder.join("certificate.pem"), leaf.pem()).unwrap();
    fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    (leaf.pem(), key.serialize_pem(), leaf.der().clone())
}

/// What a client is shown that believes everything.
fn shown(
    certificates: &Certificates,
    asked: Option<&str>,
    reached: &str,
) -> CertificateDer<'static> {
    let config = certificates.choose(asked, address(reached));
    let mut client = Files::new().client();
    client.dangerous().set_certificate_verifier(Arc::new(Anything));
    shake_hands(client, asked.unwrap_or(reached), config).unwrap().remove(0)
}

#[test]
fn a_given_certificate_is_shown_to_whoever_asks_for_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let (_, _, leaf) = give(folder.path(), "berth.test");
    let (_, certificates) = own(&[], SetClock::at(NOW));
    let paths = ["certificate.pem", "key.pem"].map(|name| folder.path().join(name));
    let [certificate, key] = paths;
    let given = Given::open(certificate, key, NOW).unwrap();
    let certificates = certificates.with_given(given);
    assert_eq!(shown(&certificates, Some("berth.test"), "10.0.0.1"), leaf);
    assert_eq!(shown(&certificates, None, "192.0.2.1"), leaf, "by its address");
    // This machine and hosts that were told of our authority are not locked out.
    assert_ne!(shown(&certificates, None, "127.0.0.1"), leaf);
    assert_ne!(shown(&certificates, Some("localhost"), "127.0.0.1"), leaf);
}

#[test]
fn given_files_are_read_again_when_they_have_changed_and_fit_together() {
    let folder = tempfile::tempdir().unwrap();
    let (_, _, first) = give(folder.path(), "berth.test");
    let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| folder.path().join(name));
    let clock = SetClock::at(NOW);
    let (_, certificates) = own(&[], Arc::clone(&clock));
    let given = Given::open(certificate.clone(), key.clone(), NOW).unwrap();
    let certificates = certificates.with_given(given);
    let asked = |looks: u32| {
        clock.set(NOW + given::LOOK * looks);
        shown(&certificates, Some("berth.test"), "::1")
    };
    assert_eq!(asked(0), first);

    let (new_certificate, new_key, second) = give(folder.path(), "berth.test");
    fs::write(&key, "nonsense").unwrap();
    assert_eq!(asked(1), first, "half of a change is none");
    fs::write(&key, &new_key).unwrap();
    fs::remove_file(&certificate).unwrap();
    assert_eq!(asked(2), first, "nor is the other half");
    fs::write(&certificate, &new_certificate).unwrap();
    assert_eq!(asked(3), second);
}

#[test]
fn files_that_are_no_certificate_and_key_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (_, other_key, _) = give(folder.path(), "a.test");
    give(folder.path(), "b.test");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("other.pem"), other_key).unwrap();
    for (certificate, key, named) in [
        ("nowhere.pem", "key.pem", "nowhere.pem"),
        ("certificate.pem", "nowhere.pem", "nowhere.pem"),
        ("key.pem", "key.pem", "key.pem has no certificate"),
        ("certificate.pem", "other.pem", "other.pem"),
    ] {
        let error = Given::open(path(certificate), path(key), NOW).unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
}

#[derive(Debug)]
struct Anything;

impl rustls::client::danger::ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
