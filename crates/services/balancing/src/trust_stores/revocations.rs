//! Lists of revoked certificates: PEM.

use berth_aws_api::elbv2 as api;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::PemObject;

use super::der;

/// How many certificates are revoked, of all lists in it.
pub fn count(content: &str) -> Result<u64, api::Error> {
    let (mut lists, mut entries) = (0, 0);
    for list in CertificateRevocationListDer::pem_slice_iter(content.as_bytes()) {
        let list = list.map_err(|_| invalid("a list in it cannot be read".to_owned()))?;
        entries +=
            der::revoked(&list).ok_or_else(|| invalid("a list in it cannot be read".to_owned()))?;
        lists += 1;
    }
    match lists {
        0 => Err(invalid("there is no certificate revocation list in it".to_owned())),
        _ => Ok(entries),
    }
}

pub fn invalid(why: String) -> api::Error {
    api::Error::invalid_revocation_content(format!(
        "The provided revocation file is an invalid format: {why}"
    ))
}
