//! Which certificate a client is shown.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use berth_proxy_protocol::{Certificate, Configuration};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// Certificates by the names that they are for.
pub(super) struct Names {
    /// The first is for whoever names no host, or one that none is for.
    certificates: Vec<(String, Arc<CertifiedKey>)>,
    /// Places of certificates, by names in lower case.
    exact: HashMap<String, usize>,
    /// The same for `*.example.com`, by what follows the star.
    wild: HashMap<String, usize>,
}

impl Names {
    pub(super) fn new(
        arns: &[String],
        configuration: &Configuration,
        provider: &CryptoProvider,
    ) -> Result<Names, String> {
        let mut names =
            Names { certificates: Vec::new(), exact: HashMap::new(), wild: HashMap::new() };
        for arn in arns {
            let certificate = configuration.certificates.iter().find(|it| it.arn == *arn);
            let certificate = certificate.ok_or_else(|| format!("there is no {arn}"))?;
            let key = load(certificate, provider).map_err(|error| format!("{arn}: {error}"))?;
            let place = names.certificates.len();
            names.certificates.push((arn.clone(), Arc::new(key)));
            for name in &certificate.names {
                let name = name.to_ascii_lowercase();
                // Of several certificates for a name the first is shown.
                match name.strip_prefix('*') {
                    Some(rest) => names.wild.entry(rest.to_owned()).or_insert(place),
                    None => names.exact.entry(name).or_insert(place),
                };
            }
        }
        if names.certificates.is_empty() {
            return Err("there is no certificate".to_owned());
        }
        Ok(names)
    }

    pub(super) fn arn(&self, host: Option<&str>) -> &str {
        &self.certificates[self.place(host)].0
    }

    /// A star stands for one label.
    fn place(&self, host: Option<&str>) -> usize {
        let Some(host) = host.map(str::to_ascii_lowercase) else { return 0 };
        let wild = || self.wild.get(host.find('.').map(|dot| &host[dot..])?);
        self.exact.get(&host).or_else(wild).copied().unwrap_or_default()
    }
}

fn load(certificate: &Certificate, provider: &CryptoProvider) -> Result<CertifiedKey, String> {
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(certificate.chain.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|error| format!("its chain cannot be read: {error}"))?;
    let key = PrivateKeyDer::from_pem_slice(certificate.private_key.0.as_bytes())
        .map_err(|error| format!("its key cannot be read: {error}"))?;
    CertifiedKey::from_der(chain, key, provider)
        .map_err(|error| format!("it is of no use: {error}"))
}

impl ResolvesServerCert for Names {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.certificates[self.place(hello.server_name())].1))
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.certificates.iter().map(|(arn, _)| arn)).finish()
    }
}
