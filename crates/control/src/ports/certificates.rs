//! Certificates that somebody keeps for whoever serves TLS.

use std::fmt;

use berth_model::{Scope, Timestamp};
use zeroize::Zeroizing;

use crate::cell::Snapshot;
use crate::tables::Change;

/// Implemented by ACM, for balancers.
pub trait Certificates: Send + Sync + 'static {
    /// Until when a certificate is good; `None` if there is no such one.
    fn good_until(&self, view: &Snapshot, scope: &Scope, arn: &str) -> Option<Timestamp>;

    /// The certificate with its key.
    fn find(&self, view: &Snapshot, scope: &Scope, arn: &str) -> Option<Certificate>;

    /// Whether a change may be one of certificates: whoever serves them looks again.
    fn concerns(&self, change: &Change) -> bool;
}

#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// PEM, the certificate first, then what it was issued by.
    pub chain: String,
    /// PEM.
    pub private_key: Zeroizing<String>,
    /// `example.com`, `*.example.com`.
    pub names: Vec<String>,
}

/// Never shows its key.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("names", &self.names).finish_non_exhaustive()
    }
}

/// Where nobody keeps certificates.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCertificates;

impl Certificates for NoCertificates {
    fn good_until(&self, _: &Snapshot, _: &Scope, _: &str) -> Option<Timestamp> {
        None
    }

    fn find(&self, _: &Snapshot, _: &Scope, _: &str) -> Option<Certificate> {
        None
    }

    fn concerns(&self, _: &Change) -> bool {
        false
    }
}
