//! A bundle of authorities' certificates: PEM, at least one, all sound.

use berth_aws_api::elbv2 as api;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// How many certificates there are.
pub fn check(bundle: &str) -> Result<u32, api::Error> {
    let mut known = RootCertStore::empty();
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(bundle.as_bytes()) {
        let added = certificate.map_err(drop).and_then(|der| known.add(der).map_err(drop));
        added.map_err(|()| invalid("a certificate in it cannot be read".to_owned()))?;
        count += 1;
    }
    match count {
        0 => Err(invalid("there is no certificate in it".to_owned())),
        count => Ok(count),
    }
}

pub fn invalid(why: String) -> api::Error {
    api::Error::invalid_ca_certificates_bundle(format!(
        "The specified ca certificate bundle is invalid: {why}"
    ))
}
