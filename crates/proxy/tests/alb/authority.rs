//! Certificates for both sides, and clients that trust them.

use std::net::SocketAddr;
use std::sync::Arc;

use berth_proxy_protocol::{Certificate, Secret};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

/// A certificate with its key, both PEM.
pub struct Identity {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are valid names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("it signs itself").pem();
        Authority { issuer: Issuer::new(params, key), pem }
    }

    /// For these hosts.
    pub fn certificate(&self, arn: &str, names: &[&str]) -> Certificate {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let identity = self.issue(CertificateParams::new(names.clone()).expect("valid names"));
        Certificate {
            arn: arn.to_owned(),
            chain: identity.certificate,
            private_key: Secret(identity.key),
            names,
        }
    }

    /// For a client of that name.
    pub fn client(&self, name: &str, serial: u8) -> Identity {
        self.issue(Authority::client_params(name, serial))
    }

    /// The same, of a time that is over.
    pub fn expired_client(&self, name: &str, serial: u8) -> Identity {
        let mut params = Authority::client_params(name, serial);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
        self.issue(params)
    }

    fn client_params(name: &str, serial: u8) -> CertificateParams {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are valid names");
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.serial_number = Some(SerialNumber::from(vec![serial]));
        params
    }

    fn issue(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("it is signed").pem();
        Identity { certificate, key: key.serialize_pem() }
    }

    /// A list, in PEM, of those that are of no worth any more.
    pub fn revoking(&self, serial: u8) -> String {
        let revoked = RevokedCertParams {
            serial_number: SerialNumber::from(vec![serial]),
            revocation_time: date_time_ymd(2024, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        CertificateRevocationListParams {
            this_update: date_time_ymd(2024, 1, 1),
            next_update: date_time_ymd(2090, 1, 1),
            crl_number: SerialNumber::from(vec![1]),
            issuing_distribution_point: None,
            revoked_certs: vec![revoked],
            key_identifier_method: KeyIdMethod::Sha256,
        }
        .signed_by(&self.issuer)
        .expect("it is signed")
        .pem()
        .expect("it is PEM")
    }

    /// For clients that believe this authority.
    pub fn trusting(&self, protocols: &[&str], own: Option<&Identity>) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_slice(self.pem.as_bytes()).expect("PEM");
        roots.add(authority).expect("it is an authority");
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has both")
            .with_root_certificates(roots);
        let mut config = match own {
            None => builder.with_no_client_auth(),
            Some(own) => {
                let certificate = CertificateDer::from_pem_slice(own.certificate.as_bytes());
                let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes()).expect("PEM");
                builder
                    .with_client_auth_cert(vec![certificate.expect("PEM")], key)
                    .expect("they are of each other")
            }
        };
        config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
        Arc::new(config)
    }
}

/// A connection to that host, or why there is none.
pub async fn secured(
    config: Arc<ClientConfig>,
    address: SocketAddr,
    host: &'static str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await.expect("somebody listens");
    let name = ServerName::try_from(host).expect("a name");
    TlsConnector::from(config).connect(name, stream).await
}
