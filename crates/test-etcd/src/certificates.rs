//! An authority, a server's certificate and a client's, for clusters that speak TLS.

use std::fs;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// All in PEM.
#[derive(Debug, Clone)]
pub struct Certificates {
    pub authority: String,
    /// A client's certificate and its key.
    pub client: (String, String),
    server: (String, String),
}

impl Certificates {
    pub(crate) fn new(addresses: &[String]) -> Self {
        let key = KeyPair::generate().expect("keys can be made");
        let mut params = CertificateParams::new(Vec::new()).expect("no names are fine names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(params, key).expect("an authority signs for itself");
        let signed = |names: Vec<String>| {
            let key = KeyPair::generate().expect("keys can be made");
            let params = CertificateParams::new(names).expect("addresses are fine names");
            let certificate = params.signed_by(&key, &authority).expect("it signs");
            (certificate.pem(), key.serialize_pem())
        };
        Certificates {
            client: signed(vec!["client".to_owned()]),
            server: signed(addresses.to_vec()),
            authority: authority.pem(),
        }
    }

    pub(crate) fn write(&self, folder: &Path) {
        let files = [
            ("ca.pem", &self.authority),
            ("server.pem", &self.server.0),
            ("server.key", &self.server.1),
            ("client.pem", &self.client.0),
            ("client.key", &self.client.1),
        ];
        for (name, text) in files {
            fs::write(folder.join(name), text).expect("the home can be written to");
        }
    }
}
