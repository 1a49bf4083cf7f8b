//! The certificates of this process's server, put together from its settings and its data directory.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use berth_control::env::Env;
use berth_control::tls::{AuthorityRoute, Certificates, Given};
use http::Uri;

use crate::data_dir::OwnAuthority;
use crate::settings::TlsSettings;

/// What the server shows, and how it tells of its authority.
pub fn open(
    settings: &TlsSettings,
    listeners: &[SocketAddr],
    advertised: Option<&str>,
    own: OwnAuthority,
    env: &Env,
) -> Result<(Arc<Certificates>, AuthorityRoute)> {
    let route = AuthorityRoute::of(&own.authority, &own.certificate);
    let names = names(settings, listeners, advertised);
    let certificates = Certificates::new(own.authority, names, Arc::clone(&env.clock))
        .context("TLS cannot be offered")?;
    let certificates = match settings.given.clone() {
        Some((certificate, key)) => {
            let given = Given::open(certificate, key, env.now());
            certificates.with_given(given.context("TLS cannot be offered")?)
        }
        None => certificates,
    };
    Ok((Arc::new(certificates), route))
}

/// All that clients may call this server by, beside the addresses where they reach it.
pub fn names(
    settings: &TlsSettings,
    listeners: &[SocketAddr],
    advertised: Option<&str>,
) -> Vec<String> {
    let given = listeners.iter().map(SocketAddr::ip).filter(|address| !address.is_unspecified());
    let mut names: Vec<String> = given.map(|address| address.to_string()).collect();
    let advertised = advertised.and_then(|url| url.parse::<Uri>().ok());
    let advertised = advertised.as_ref().and_then(Uri::host);
    names.extend(advertised.map(|host| host.trim_matches(['[', ']']).to_owned()));
    let machine = rustix::system::uname();
    // Some machines are called what no certificate can say.
    names.extend(machine.nodename().to_str().ok().filter(|name| is_plain(name)).map(str::to_owned));
    names.extend(settings.names.iter().cloned());
    names
}

fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    !name.is_empty() && name.len() <= 253 && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use berth_control::server::PlainHttp;

    use super::*;

    #[test]
    fn a_server_is_called_what_it_listens_at_advertises_and_is_told() {
        let settings = TlsSettings {
            given: None,
            names: vec!["berth.test".to_owned()],
            plain_http: PlainHttp::Local,
        };
        let listeners = ["0.0.0.0:1", "10.0.0.1:1"].map(|text| text.parse().expect("an address"));
        for (advertised, host) in
            [("https://[2001:db8::1]:4566", "2001:db8::1"), ("http://router.test", "router.test")]
        {
            let names = names(&settings, &listeners, Some(advertised));
            for name in ["10.0.0.1", host, "berth.test"] {
                assert!(names.iter().any(|known| known == name), "{name} in {names:?}");
            }
            assert!(!names.iter().any(|known| known == "0.0.0.0"), "{names:?}");
        }
    }
}
