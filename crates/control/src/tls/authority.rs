//! A certificate authority of one's own: a key, and a certificate that says of itself that it is one.
//!
//! Who trusts it trusts its key: the certificate's subject follows from the key, and so does the fingerprint by which hosts know
//! it. A certificate that is made anew for the same key, because the old one ends or is lost, is believed by them as before.

use std::net::IpAddr;
use std::time::Duration;

use berth_model::Timestamp;
use rand::TryRng;
use rand::rngs::SysRng;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData, SerialNumber, date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::ParsedCertificate;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// How long the authority's own certificate is good.
const LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
/// In octets.
const LONGEST_SUBJECT: usize = 64;
/// Hosts whose clocks are behind should not find a certificate that is not good yet.
const SLACK: Duration = Duration::from_secs(24 * 60 * 60);

/// Signs the certificates of one server.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    /// The same.
    pem: String,
    fingerprint: [u8; 32],
}

#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    #[error("the key of the certificate authority cannot be read: {0}")]
    Key(rcgen::Error),
    #[error("the certificate of the certificate authority cannot be read: {0}")]
    Certificate(String),
    #[error("the certificate is not that of the authority's key")]
    Mismatch,
    #[error("`{0}` is no name for a certificate")]
    Name(String),
    #[error("a certificate cannot be made: {0}")]
    Issue(rcgen::Error),
    #[error("a certificate that was made here is of no use: {0}")]
    Unusable(rustls::Error),
    #[error("the operating system gives no randomness")]
    Randomness,
}

impl Authority {
    /// A new key, as PEM.
    pub fn generate_key() -> Result<Zeroizing<String>, AuthorityError> {
        let key = KeyPair::generate().map_err(AuthorityError::Issue)?;
        Ok(Zeroizing::new(key.serialize_pem()))
    }

    /// The certificate of a key, as PEM; another one each time.
    pub fn certify(key: &str, now: Timestamp) -> Result<String, AuthorityError> {
        let key = KeyPair::from_pem(key).map_err(AuthorityError::Key)?;
        let mut params = subject_of(&key);
        good_for(&mut params, now, LIFE);
        params.serial_number = Some(serial()?);
        // It signs servers, never other authorities.
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(params.self_signed(&key).map_err(AuthorityError::Issue)?.pem())
    }

    /// What was made before.
    pub fn parse(key: &str, certificate: &str) -> Result<Authority, AuthorityError> {
        let pem = certificate.to_owned();
        let key = KeyPair::from_pem(key).map_err(AuthorityError::Key)?;
        let unreadable = |error: String| AuthorityError::Certificate(error);
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes())
            .map_err(|error| unreadable(error.to_string()))?;
        let parsed = ParsedCertificate::try_from(&certificate)
            .map_err(|error| unreadable(error.to_string()))?;
        if parsed.subject_public_key_info().as_ref() != key.subject_public_key_info() {
            return Err(AuthorityError::Mismatch);
        }
        let fingerprint = Sha256::digest(key.subject_public_key_info()).into();
        let issuer = Issuer::new(subject_of(&key), key);
        Ok(Authority { issuer, certificate: certificate.clone(), pem, fingerprint })
    }

    /// SHA-256 of the public key, as a certificate holds it (SubjectPublicKeyInfo).
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    /// A server's certificate with the authority's after it, from which hosts learn it that know its fingerprint only.
    pub(super) fn issue(
        &self,
        key: &KeyPair,
        names: &[String],
        addresses: impl Iterator<Item = IpAddr>,
        now: Timestamp,
        life: Duration,
    ) -> Result<Issued, AuthorityError> {
        let leaf = self.sign("Berth", key, names, addresses, now, life)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        Ok(Issued {
            chain: vec![leaf.der().clone(), self.certificate.clone()],
            key: PrivateKeyDer::from(key),
        })
    }

    /// A certificate for somebody else, with a key of its own. The first name is the subject's.
    pub fn issue_for(
        &self,
        names: &[String],
        curve: Curve,
        now: Timestamp,
        life: Duration,
    ) -> Result<IssuedCertificate, AuthorityError> {
        let key = KeyPair::generate_for(match curve {
            Curve::P256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            Curve::P384 => &rcgen::PKCS_ECDSA_P384_SHA384,
        });
        let key = key.map_err(AuthorityError::Issue)?;
        // A longer one is no subject's (RFC 5280); clients look at the other names anyway.
        let subject = names.first().map_or("", String::as_str);
        let subject = if subject.len() <= LONGEST_SUBJECT { subject } else { "" };
        let leaf = self.sign(subject, &key, names, std::iter::empty(), now, life)?;
        Ok(IssuedCertificate {
            certificate: leaf.pem(),
            chain: self.pem.clone(),
            private_key: Zeroizing::new(key.serialize_pem()),
        })
    }

    fn sign(
        &self,
        subject: &str,
        key: &KeyPair,
        names: &[String],
        addresses: impl Iterator<Item = IpAddr>,
        now: Timestamp,
        life: Duration,
    ) -> Result<rcgen::Certificate, AuthorityError> {
        let mut params = CertificateParams::default();
        for name in names {
            let no_name = |_| AuthorityError::Name(name.clone());
            let certified = match name.parse() {
                Ok(address) => rcgen::SanType::IpAddress(address),
                Err(_) => rcgen::SanType::DnsName(name.as_str().try_into().map_err(no_name)?),
            };
            params.subject_alt_names.push(certified);
        }
        params.subject_alt_names.extend(addresses.map(rcgen::SanType::IpAddress));
        params.distinguished_name = rcgen::DistinguishedName::new();
        if !subject.is_empty() {
            params.distinguished_name.push(DnType::CommonName, subject);
        }
        good_for(&mut params, now, life);
        params.serial_number = Some(serial()?);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Strict clients, such as Python's since 3.13, want to be told whose key has signed.
        params.use_authority_key_identifier_extension = true;
        params.signed_by(key, &self.issuer).map_err(AuthorityError::Issue)
    }
}

/// What a certificate's key is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    P256,
    P384,
}

/// A certificate that was issued for somebody else: all of it PEM.
pub struct IssuedCertificate {
    pub certificate: String,
    pub chain: String,
    pub private_key: Zeroizing<String>,
}

pub(super) struct Issued {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

/// Two authorities never have one name: a client that knows both must not try the wrong key.
fn subject_of(key: &KeyPair) -> CertificateParams {
    let digest = Sha256::digest(key.subject_public_key_info());
    let digits: String = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("Berth CA {digits}"));
    params
}

/// Browsers refuse two certificates of one authority with the same number.
fn serial() -> Result<SerialNumber, AuthorityError> {
    let mut bytes = [0; 16];
    SysRng.try_fill_bytes(&mut bytes).map_err(|_| AuthorityError::Randomness)?;
    // Positive, whoever reads it.
    bytes[0] &= 0x7f;
    Ok(SerialNumber::from_slice(&bytes))
}

/// From a little before now.
fn good_for(params: &mut CertificateParams, now: Timestamp, life: Duration) {
    let since_epoch = Duration::from_millis(now.as_millis().max(0).unsigned_abs());
    let now = date_time_ymd(1970, 1, 1) + since_epoch;
    (params.not_before, params.not_after) = (now - SLACK, now + life);
}
