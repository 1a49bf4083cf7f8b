//! What a certificate says of itself.

use berth_aws_api::acm as api;
use berth_model::Timestamp;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    pub serial: String,
    pub subject: String,
    pub issuer: String,
    /// The subject's name, or the first of the others.
    pub domain: String,
    /// DNS names, in the order of the certificate.
    pub names: Vec<String>,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    pub key_algorithm: api::KeyAlgorithm,
    pub signature_algorithm: String,
    pub key_usages: Vec<api::KeyUsageName>,
    pub extended_key_usages: Vec<api::ExtendedKeyUsageName>,
}

/// What nobody could serve.
pub fn invalid(why: impl Into<String>) -> api::Error {
    api::Error::validation(why)
}

/// A certificate that came in: the one of a PEM text, its key and what it was issued by go with it.
pub fn check(
    certificate: &str,
    private_key: &str,
    chain: Option<&str>,
    now: Timestamp,
) -> Result<Details, api::Error> {
    let [leaf] = &parsed(certificate)?[..] else {
        return Err(invalid(
            "The certificate field contains more than one certificate. You can specify only one certificate in this field.",
        ));
    };
    let key = PrivateKeyDer::from_pem_slice(private_key.as_bytes())
        .map_err(|_| invalid("The private key is not valid: PEM expected, not encrypted."))?;
    CertifiedKey::from_der(vec![leaf.clone()], key, &ring::default_provider()).map_err(|_| {
        invalid("The private key does not match the certificate, or is of no supported kind.")
    })?;
    let mut links = vec![leaf.clone()];
    if let Some(chain) = chain {
        links.extend(parsed(chain)?);
    }
    linked(&links)?;
    let details = Details::of(leaf)?;
    if details.not_after <= now {
        return Err(invalid("The certificate has expired."));
    }
    if details.not_before > now {
        return Err(invalid("The certificate is not yet valid."));
    }
    Ok(details)
}

fn parsed(pem: &str) -> Result<Vec<CertificateDer<'static>>, api::Error> {
    let unreadable = || invalid("Could not parse the certificate: PEM expected.");
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    found.ok().filter(|found| !found.is_empty()).ok_or_else(unreadable)
}

/// Each certificate is of the next one's making, as far as their names tell.
fn linked(links: &[CertificateDer<'_>]) -> Result<(), api::Error> {
    let read: Vec<X509Certificate<'_>> =
        links.iter().map(|der| x509(der)).collect::<Result<_, _>>()?;
    if let [alone] = &read[..]
        && alone.issuer().as_raw() != alone.subject().as_raw()
    {
        return Err(invalid(
            "Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or \
             certificate chain.",
        ));
    }
    match read.windows(2).all(|pair| pair[0].issuer().as_raw() == pair[1].subject().as_raw()) {
        true => Ok(()),
        false => Err(invalid("Could not validate the certificate with the certificate chain.")),
    }
}

fn x509<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, api::Error> {
    match X509Certificate::from_der(der) {
        Ok((_, certificate)) => Ok(certificate),
        Err(_) => Err(invalid("Could not parse the certificate.")),
    }
}

impl Details {
    /// Of a row's certificate: one that could be read when it came in.
    pub fn parse(pem: &str) -> Result<Details, api::Error> {
        let found = parsed(pem)?;
        Details::of(&found[0])
    }

    fn of(der: &CertificateDer<'_>) -> Result<Details, api::Error> {
        let certificate = x509(der)?;
        let names = dns_names(&certificate);
        let domain = match common_name(certificate.subject()) {
            Some(name) => name,
            None => names.first().cloned().unwrap_or_default(),
        };
        Ok(Details {
            serial: certificate.raw_serial_as_string(),
            subject: certificate.subject().to_string(),
            issuer: organization(certificate.issuer()),
            domain,
            names,
            not_before: timestamp(certificate.validity().not_before),
            not_after: timestamp(certificate.validity().not_after),
            key_algorithm: key_algorithm(&certificate)?,
            signature_algorithm: signature_algorithm(&certificate),
            key_usages: key_usages(&certificate),
            extended_key_usages: extended_key_usages(&certificate),
        })
    }
}

fn timestamp(time: ASN1Time) -> Timestamp {
    Timestamp::from_millis(time.timestamp().saturating_mul(1000))
}

fn common_name(name: &X509Name<'_>) -> Option<String> {
    name.iter_common_name().find_map(|part| part.as_str().ok()).map(str::to_owned)
}

/// AWS: the organisation, if one is named.
fn organization(name: &X509Name<'_>) -> String {
    let organization = name.iter_organization().find_map(|part| part.as_str().ok());
    organization
        .map(str::to_owned)
        .or_else(|| common_name(name))
        .unwrap_or_else(|| name.to_string())
}

fn dns_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.into_iter().flat_map(|extension| &extension.value.general_names);
    let dns = names.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    });
    dns.collect()
}

fn key_algorithm(certificate: &X509Certificate<'_>) -> Result<api::KeyAlgorithm, api::Error> {
    let unknown = || invalid("The key of the certificate is of no supported kind.");
    let bits = match certificate.public_key().parsed().map_err(|_| unknown())? {
        PublicKey::RSA(key) => format!("RSA_{}", key.key_size()),
        PublicKey::EC(point) => match point.key_size() {
            256 => "EC_prime256v1".to_owned(),
            384 => "EC_secp384r1".to_owned(),
            _ => return Err(unknown()),
        },
        _ => return Err(unknown()),
    };
    match api::KeyAlgorithm::from(bits.as_str()) {
        api::KeyAlgorithm::Unknown(_) => Err(unknown()),
        known => Ok(known),
    }
}

/// AWS's words for the usual ones; a number for others.
fn signature_algorithm(certificate: &X509Certificate<'_>) -> String {
    let number = certificate.signature_algorithm.algorithm.to_id_string();
    match number.as_str() {
        "1.2.840.113549.1.1.5" => "SHA1WITHRSA".to_owned(),
        "1.2.840.113549.1.1.11" => "SHA256WITHRSA".to_owned(),
        "1.2.840.113549.1.1.12" => "SHA384WITHRSA".to_owned(),
        "1.2.840.113549.1.1.13" => "SHA512WITHRSA".to_owned(),
        "1.2.840.10045.4.3.2" => "SHA256WITHECDSA".to_owned(),
        "1.2.840.10045.4.3.3" => "SHA384WITHECDSA".to_owned(),
        "1.2.840.10045.4.3.4" => "SHA512WITHECDSA".to_owned(),
        _ => number,
    }
}

fn key_usages(certificate: &X509Certificate<'_>) -> Vec<api::KeyUsageName> {
    use api::KeyUsageName::*;
    let Some(usage) = certificate.key_usage().ok().flatten() else { return Vec::new() };
    let usage = usage.value;
    let all = [
        (usage.digital_signature(), DigitalSignature),
        (usage.non_repudiation(), NonRepudiation),
        (usage.key_encipherment(), KeyEncipherment),
        (usage.data_encipherment(), DataEncipherment),
        (usage.key_agreement(), KeyAgreement),
        (usage.key_cert_sign(), CertificateSigning),
        (usage.crl_sign(), CrlSigning),
        (usage.encipher_only(), EncipherOnly),
        (usage.decipher_only(), DecipherOnly),
    ];
    all.into_iter().filter_map(|(is, name)| is.then_some(name)).collect()
}

fn extended_key_usages(certificate: &X509Certificate<'_>) -> Vec<api::ExtendedKeyUsageName> {
    use api::ExtendedKeyUsageName as Name;
    let Some(usage) = certificate.extended_key_usage().ok().flatten() else { return Vec::new() };
    let usage = usage.value;
    let all = [
        (usage.server_auth, Name::TlsWebServerAuthentication),
        (usage.client_auth, Name::TlsWebClientAuthentication),
        (usage.code_signing, Name::CodeSigning),
        (usage.email_protection, Name::EmailProtection),
        (usage.time_stamping, Name::TimeStamping),
        (usage.ocsp_signing, Name::OcspSigning),
        (usage.any, Name::Any),
        (!usage.other.is_empty(), Name::Custom),
    ];
    all.into_iter().filter_map(|(is, name)| is.then_some(name)).collect()
}
