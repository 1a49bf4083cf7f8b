//! What keeps the state, and how etcd is reached if it is that.
//!
//! A password comes from a file or the environment, never from a flag: everybody on a host sees the flags of
//! its processes.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Result;
use berth_store::{EtcdLogin, EtcdOptions, EtcdTls};
use clap::Args;
use serde::Deserialize;

use super::span::{Limit, Span};
use super::text::parsed;
use crate::exit::Usage;

const PASSWORD: &str = "BERTH_ETCD_PASSWORD";
const PORT: u16 = 2379;
const PREFIX: &str = "/berth";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreChoice {
    Embedded,
    Memory,
    Etcd(EtcdAddress),
}

/// `etcd://HOST:PORT,…/PREFIX`, or `etcds://` for TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EtcdAddress {
    pub tls: bool,
    pub endpoints: Vec<String>,
    pub prefix: String,
}

impl StoreChoice {
    /// Whether other servers may have the same cell.
    pub fn is_shared(&self) -> bool {
        match self {
            StoreChoice::Embedded | StoreChoice::Memory => false,
            StoreChoice::Etcd(_) => true,
        }
    }
}

impl FromStr for StoreChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "embedded" => Ok(StoreChoice::Embedded),
            "memory" => Ok(StoreChoice::Memory),
            _ => match text.split_once("://") {
                Some(("etcd", rest)) => EtcdAddress::parse(rest, false).map(StoreChoice::Etcd),
                Some(("etcds", rest)) => EtcdAddress::parse(rest, true).map(StoreChoice::Etcd),
                _ => Err(format!(
                    "`{text}` is no store: `embedded`, `etcd://HOST:PORT,…/PREFIX`, `etcds://…` or `memory` expected"
                )),
            },
        }
    }
}

impl EtcdAddress {
    fn parse(text: &str, tls: bool) -> Result<Self, String> {
        if let Some(strange) = text.find(['?', '#', '@']) {
            let strange = &text[strange..=strange];
            return Err(format!(
                "`{strange}` has no place in the address of etcd: options and passwords have flags and variables of their own"
            ));
        }
        let (hosts, prefix) = match text.split_once('/') {
            Some((hosts, prefix)) => (hosts, format!("/{}", prefix.trim_matches('/'))),
            None => (text, PREFIX.to_owned()),
        };
        let endpoint = |host: &str| {
            let wrong = || format!("`{host}` is no HOST:PORT of etcd");
            // An address of version 6 has colons of its own, and brackets.
            let port = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
            match port {
                _ if host.is_empty() => Err(wrong()),
                Some((name, port)) if !name.is_empty() => {
                    port.parse::<u16>().map(|_| host.to_owned()).map_err(|_| wrong())
                }
                Some(_) => Err(wrong()),
                None => Ok(format!("{host}:{PORT}")),
            }
        };
        let endpoints = hosts.split(',').map(endpoint).collect::<Result<_, _>>()?;
        let prefix = if prefix == "/" { PREFIX.to_owned() } else { prefix };
        Ok(EtcdAddress { tls, endpoints, prefix })
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct EtcdFlags {
    /// The authorities whose certificates are believed of an `etcds://` store, in PEM
    #[arg(long, env = "BERTH_ETCD_CA_FILE", value_name = "FILE")]
    pub etcd_ca_file: Option<PathBuf>,

    /// The certificate to show to etcd, in PEM
    #[arg(long, env = "BERTH_ETCD_CERT", value_name = "FILE")]
    pub etcd_cert: Option<PathBuf>,

    /// Its key, in PEM
    #[arg(long, env = "BERTH_ETCD_KEY", value_name = "FILE")]
    pub etcd_key: Option<PathBuf>,

    /// The user that etcd knows this server as; BERTH_ETCD_PASSWORD or the file has the password
    #[arg(long, env = "BERTH_ETCD_USER", value_name = "NAME")]
    pub etcd_user: Option<String>,

    /// A file with that user's password
    #[arg(long, env = "BERTH_ETCD_PASSWORD_FILE", value_name = "FILE")]
    pub etcd_password_file: Option<PathBuf>,

    /// How long a leading server that etcd hears of no more still leads [default: 5s]
    #[arg(long, env = "BERTH_LEASE", value_name = "TIME")]
    #[serde(deserialize_with = "parsed")]
    pub lease: Option<Span>,

    /// How old what etcd remembers of the past may get before the leader has it forgotten; `never` if somebody
    /// else compacts etcd [default: 5m]
    #[arg(long, env = "BERTH_ETCD_COMPACT", value_name = "TIME")]
    #[serde(deserialize_with = "parsed")]
    pub etcd_compact: Option<Limit>,
}

impl EtcdFlags {
    pub fn or(self, file: EtcdFlags) -> EtcdFlags {
        // A certificate of one source never meets a key of another, nor a user a password.
        let (etcd_cert, etcd_key) = match (self.etcd_cert, self.etcd_key) {
            (None, None) => (file.etcd_cert, file.etcd_key),
            pair => pair,
        };
        let (etcd_user, etcd_password_file) = match (self.etcd_user, self.etcd_password_file) {
            (None, None) => (file.etcd_user, file.etcd_password_file),
            pair => pair,
        };
        EtcdFlags {
            etcd_ca_file: self.etcd_ca_file.or(file.etcd_ca_file),
            etcd_cert,
            etcd_key,
            etcd_user,
            etcd_password_file,
            lease: self.lease.or(file.lease),
            etcd_compact: self.etcd_compact.or(file.etcd_compact),
        }
    }

    /// For every store but etcd: what is said of etcd would be ignored there.
    pub fn refuse_any(&self) -> Result<()> {
        if *self == EtcdFlags::default() {
            return Ok(());
        }
        Err(Usage::error("--lease and --etcd-… are for --store etcd://…, and the store is another"))
    }

    /// Reads the files, and puts all together for the store.
    pub fn options(
        &self,
        address: &EtcdAddress,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<EtcdOptions> {
        let mut options = EtcdOptions::new(address.endpoints.clone(), address.prefix.clone());
        options.tls = self.tls(address.tls)?;
        options.login = self.login(variable)?;
        if let Some(Span(lease)) = self.lease {
            options.lease = lease;
        }
        if let Some(compact) = self.etcd_compact {
            options.compact_every = compact.duration();
        }
        Ok(options)
    }

    fn tls(&self, wanted: bool) -> Result<Option<EtcdTls>> {
        if !wanted {
            return match (&self.etcd_ca_file, &self.etcd_cert, &self.etcd_key) {
                (None, None, None) => Ok(None),
                _ => Err(Usage::error(
                    "there are certificates for etcd and its address says no TLS: write etcds://",
                )),
            };
        }
        let Some(authority) = &self.etcd_ca_file else {
            return Err(Usage::error("an etcds:// store needs --etcd-ca-file"));
        };
        let identity = match (&self.etcd_cert, &self.etcd_key) {
            (Some(certificate), Some(key)) => Some((read(certificate)?, read(key)?.into())),
            (None, None) => None,
            _ => {
                return Err(Usage::error(
                    "--etcd-cert and --etcd-key go together, and one is missing",
                ));
            }
        };
        Ok(Some(EtcdTls { authority: read(authority)?, identity }))
    }

    fn login(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Option<EtcdLogin>> {
        let Some(user) = self.etcd_user.clone() else {
            return match self.etcd_password_file {
                Some(_) => Err(Usage::error("there is a password for etcd and no --etcd-user")),
                None => Ok(None),
            };
        };
        let password = match (&self.etcd_password_file, variable(PASSWORD)) {
            (Some(file), _) => {
                let text = String::from_utf8(read(file)?);
                let text = text.map_err(|_| unreadable(file, "it is no text"))?;
                text.trim_end_matches(['\r', '\n']).to_owned()
            }
            (None, Some(password)) => password,
            (None, None) => {
                return Err(Usage::error(format!(
                    "etcd's user {user} has no password: --etcd-password-file or {PASSWORD} expected"
                )));
            }
        };
        Ok(Some(EtcdLogin { user, password: password.into() }))
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).map_err(|error| unreadable(file, error))
}

fn unreadable(file: &Path, why: impl std::fmt::Display) -> anyhow::Error {
    Usage::error(format!("cannot read {}: {why}", file.display()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn etcd(text: &str) -> EtcdAddress {
        match text.parse() {
            Ok(StoreChoice::Etcd(address)) => address,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn an_address_of_etcd_has_members_and_a_prefix() {
        let address = etcd("etcd://a:1,[::1]:2,c/cells/east/");
        assert_eq!(address.endpoints, ["a:1", "[::1]:2", "c:2379"]);
        assert_eq!((address.prefix.as_str(), address.tls), ("/cells/east", false));
        assert_eq!(etcd("etcds://[::1]").endpoints, ["[::1]:2379"]);
        for usual in ["etcds://a", "etcds://a/"] {
            assert_eq!((etcd(usual).prefix.as_str(), etcd(usual).tls), ("/berth", true));
        }
        for (wrong, fault) in [
            ("etcd://", "HOST:PORT"),
            ("etcd://a:b", "a:b"),
            ("etcd://a,,b", "HOST:PORT"),
            ("etcd://:1", ":1"),
            ("etcd://user:secret@a", "passwords"),
            ("etcd://a/b?lease=5s", "`?`"),
            ("zookeeper://a", "etcd://HOST:PORT"),
        ] {
            let error = wrong.parse::<StoreChoice>().expect_err(wrong);
            assert!(error.contains(fault) && !error.contains("secret"), "{wrong}: {error}");
        }
    }

    fn options(address: &str, toml: &str, password: Option<&str>) -> Result<EtcdOptions> {
        let flags: EtcdFlags = toml::from_str(toml).expect("well formed");
        let variable = |name: &str| {
            assert_eq!(name, PASSWORD);
            password.map(str::to_owned)
        };
        flags.options(&etcd(address), variable)
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        for (address, toml, fault) in [
            ("etcds://a", "", "--etcd-ca-file"),
            ("etcd://a", "etcd-ca-file = \"/ca\"", "etcds://"),
            ("etcds://a", "etcd-ca-file = \"/nowhere\"", "/nowhere"),
            ("etcds://a", "etcd-ca-file = \"/ca\"\netcd-cert = \"/c\"", "--etcd-key"),
            ("etcd://a", "etcd-user = \"u\"", PASSWORD),
            ("etcd://a", "etcd-password-file = \"/p\"", "--etcd-user"),
        ] {
            let error = options(address, toml, None).expect_err(toml).to_string();
            assert!(error.contains(fault), "{toml}: {error}");
        }
    }

    #[test]
    fn what_is_said_of_etcd_is_not_ignored_elsewhere() {
        EtcdFlags::default().refuse_any().expect("nothing is said");
        for toml in ["lease = \"9s\"", "etcd-user = \"u\"", "etcd-compact = \"never\""] {
            let flags: EtcdFlags = toml::from_str(toml).expect("well formed");
            let error = flags.refuse_any().expect_err(toml).to_string();
            assert!(error.contains("--store etcd://"), "{error}");
        }
    }

    #[test]
    fn a_password_comes_from_a_file_or_the_environment_and_is_not_shown() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "in file\n").expect("writes");
        let by_file =
            format!("etcd-user = \"u\"\netcd-password-file = \"{}\"", file.path().display());
        for (toml, password) in [(by_file.as_str(), "in file"), ("etcd-user = \"u\"", "set")] {
            let options = options("etcd://a", toml, Some("set")).expect("all is there");
            let login = options.login.clone().expect("there is a user");
            assert_eq!((login.user.as_str(), login.password.as_str()), ("u", password));
            assert!(!format!("{options:?}").contains(password));
        }
    }

    #[test]
    fn times_are_the_stores_unless_given() {
        let usual = options("etcd://a", "", None).expect("nothing is wrong");
        assert_eq!(usual.lease, Duration::from_secs(5));
        assert_eq!(usual.compact_every, Some(Duration::from_secs(300)));
        let given = "lease = \"9s\"\netcd-compact = \"never\"";
        let given = options("etcd://a", given, None).expect("nothing is wrong");
        assert_eq!((given.lease, given.compact_every), (Duration::from_secs(9), None));
    }
}
