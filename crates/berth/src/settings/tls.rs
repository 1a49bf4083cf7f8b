//! What listeners speak: TLS always, with a certificate of the server's own or a given one; plain HTTP for whom it is allowed.

use std::path::PathBuf;

use anyhow::Result;
use berth_control::server::PlainHttp;
use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::exit::Usage;

#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct TlsOptions {
    /// A certificate in PEM, with those that lead to its authority; read again when it changes [default: one of the
    /// server's own authority, in the data directory's `tls`]
    #[arg(long, env = "BERTH_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// Its key in PEM
    #[arg(long, env = "BERTH_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// A name or an address by which clients reach the server, for its own certificate; may be given several times
    /// [default: where it is reached, and this machine's name]
    #[arg(long = "tls-name", env = "BERTH_TLS_NAME", value_name = "NAME", value_delimiter = ',')]
    pub tls_names: Vec<String>,

    /// From whom plain HTTP is taken: this machine, everybody, nobody [default: local]
    #[arg(long, env = "BERTH_PLAIN_HTTP", value_name = "FROM")]
    pub plain_http: Option<PlainHttpChoice>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlainHttpChoice {
    /// This machine only: what passes there nobody else sees
    Local,
    Always,
    Never,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// A certificate's file and its key's.
    pub given: Option<(PathBuf, PathBuf)>,
    pub names: Vec<String>,
    pub plain_http: PlainHttp,
}

impl TlsOptions {
    pub fn or(self, file: TlsOptions) -> TlsOptions {
        // A certificate of one source never meets a key of another.
        let (tls_cert, tls_key) = match (self.tls_cert, self.tls_key) {
            (None, None) => (file.tls_cert, file.tls_key),
            pair => pair,
        };
        TlsOptions {
            tls_cert,
            tls_key,
            tls_names: if self.tls_names.is_empty() { file.tls_names } else { self.tls_names },
            plain_http: self.plain_http.or(file.plain_http),
        }
    }

    pub fn settle(self) -> Result<TlsSettings> {
        let given = match (self.tls_cert, self.tls_key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => {
                return Err(Usage::error(
                    "--tls-cert and --tls-key go together, and one is missing",
                ));
            }
        };
        let plain_http = match self.plain_http {
            None | Some(PlainHttpChoice::Local) => PlainHttp::Local,
            Some(PlainHttpChoice::Always) => PlainHttp::Always,
            Some(PlainHttpChoice::Never) => PlainHttp::Never,
        };
        Ok(TlsSettings { given, names: self.tls_names, plain_http })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(toml: &str) -> TlsOptions {
        toml::from_str(toml).expect("well formed")
    }

    #[test]
    fn without_a_word_plain_http_is_this_machines() {
        let settings = TlsOptions::default().settle().expect("nothing is wrong");
        assert_eq!((settings.given, settings.plain_http), (None, PlainHttp::Local));
        let settings = options("plain-http = \"never\"").settle().expect("nothing is wrong");
        assert_eq!(settings.plain_http, PlainHttp::Never);
    }

    #[test]
    fn a_certificate_and_its_key_come_as_a_pair() {
        let file = options("tls-cert = \"a.pem\"\ntls-key = \"a.key\"");
        let half = TlsOptions { tls_cert: Some("b.pem".into()), ..TlsOptions::default() };
        let error = half.or(file.clone()).settle().expect_err("half a pair").to_string();
        assert!(error.contains("one is missing"), "{error}");
        let settings = TlsOptions::default().or(file).settle().expect("a pair");
        assert_eq!(settings.given, Some(("a.pem".into(), "a.key".into())));
    }
}
