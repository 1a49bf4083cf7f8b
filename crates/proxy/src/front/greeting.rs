//! The line of a connection log: how a client came in.

use std::fmt::Write;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use berth_proxy_protocol::ClientAuthentication;
use rustls::{CertificateError, Error};

use super::access::{Quoted, Seconds, Time};
use super::client::Client;

/// What is told of a connection once it is known whether it is one.
pub(super) struct Greeting<'a> {
    pub(super) client: SocketAddr,
    pub(super) door: SocketAddr,
    pub(super) tls: Option<&'a Client>,
    /// How long TLS took, if it came to be.
    pub(super) latency: Option<Duration>,
    pub(super) authentication: &'a ClientAuthentication,
    /// Why there is no TLS.
    pub(super) problem: Option<&'a io::Error>,
    pub(super) id: &'a str,
}

impl Greeting<'_> {
    /// With its end.
    pub(super) fn line(&self) -> String {
        let mut line = String::with_capacity(256);
        let facts = self.tls.and_then(|tls| tls.facts.as_ref());
        let validity = facts.map_or_else(
            || "-".to_owned(),
            |facts| format!("NotBefore={};NotAfter={}", facts.not_before, facts.not_after),
        );
        writeln!(
            line,
            "{} {} {} {} {} {} {} {} {validity} {} {} {} {}",
            Time(SystemTime::now()),
            self.client.ip().to_canonical(),
            self.client.port(),
            self.door.port(),
            self.tls.map_or("-", |tls| tls.version),
            self.tls.map_or("-", |tls| &tls.cipher),
            self.latency.map_or_else(|| "-".to_owned(), |time| Seconds(Some(time)).to_string()),
            Quoted(facts.map_or("", |facts| &facts.subject)),
            facts.map_or("-", |facts| &facts.serial),
            self.verified(),
            self.id,
            self.tls.and_then(|tls| tls.key_exchange.as_deref()).unwrap_or("-"),
        )
        .expect("writing to memory");
        line
    }

    /// ELB's words for it.
    fn verified(&self) -> &'static str {
        match (self.problem, self.tls, self.authentication) {
            (Some(problem), ..) => failed(problem),
            (None, Some(_), ClientAuthentication::Verify { .. }) => "Success",
            _ => "-",
        }
    }
}

fn failed(problem: &io::Error) -> &'static str {
    let cause = problem.get_ref().and_then(|cause| cause.downcast_ref::<Error>());
    match cause {
        Some(Error::InvalidCertificate(error)) => match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "Failed:ClientCertExpired"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "Failed:ClientCertNotYetValid"
            }
            CertificateError::Revoked => "Failed:ClientCertCrlHit",
            CertificateError::UnknownIssuer => "Failed:ClientCertUntrusted",
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                "Failed:ClientCertPurposeInvalid"
            }
            _ => "Failed:ClientCertInvalid",
        },
        Some(Error::NoCertificatesPresented) => "Failed:ClientCertRejected",
        _ => "Failed:UnmappedConnectionError",
    }
}
