//! Whose certificates issuers may show: those that the host trusts, or those of a file.

use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Where systems keep what they trust: Debian and others, Red Hat, SUSE, Alpine.
const OF_SYSTEMS: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// `file` is in place of the host's own.
pub(super) fn roots(file: Option<&Path>) -> Result<RootCertStore, String> {
    let of_host = || {
        let named = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
        let known = OF_SYSTEMS.into_iter().map(PathBuf::from);
        named.or_else(|| known.into_iter().find(|path| path.is_file()))
    };
    let path = file.map(Path::to_owned).or_else(of_host).ok_or(
        "this host has no file of the authorities that it trusts: name one with --lb-issuer-ca-file",
    )?;
    let unreadable = |error: &dyn std::fmt::Display| {
        format!("{} has no certificates of authorities: {error}", path.display())
    };
    let certificates = CertificateDer::pem_file_iter(&path).map_err(|error| unreadable(&error))?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unreadable(&error))?;
        // Hosts' own have some that are of another time.
        match (roots.add(certificate), file) {
            (Err(error), Some(_)) => return Err(unreadable(&error)),
            (Err(_), None) | (Ok(()), _) => {}
        }
    }
    match roots.is_empty() {
        true => Err(unreadable(&"it is empty")),
        false => Ok(roots),
    }
}
