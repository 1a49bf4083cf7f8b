//! The temporary credentials of one host: what it was given last, and what it may still use from before.

use std::fmt;

use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::Timestamp;
use minicbor::{Decode, Encode};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct HostCredential {
    #[n(0)]
    pub host: String,
    #[n(1)]
    pub current: Issued,
    /// Good until its own end, so that nothing under way fails when a new one is taken up.
    #[n(2)]
    pub previous: Option<Issued>,
}

#[derive(Clone, PartialEq, Encode, Decode)]
pub struct Issued {
    #[n(0)]
    pub access_key_id: String,
    #[n(1)]
    pub secret_access_key: String,
    #[n(2)]
    pub session_token: String,
    #[n(3)]
    pub issued_at: Timestamp,
    #[n(4)]
    pub expires_at: Timestamp,
}

impl HostCredential {
    pub fn issued(&self) -> impl Iterator<Item = &Issued> {
        std::iter::once(&self.current).chain(&self.previous)
    }
}

impl Record for HostCredential {
    const TABLE: TableId = TableId::new(202, "host-credentials");
    type Key = String;
    type Indexes = CredentialIndexes;

    fn key(&self) -> String {
        self.host.clone()
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CredentialIndexes {
    pub by_access_key: Index<String, String>,
    /// By the end of the current one, which is the later.
    pub by_expiry: Index<Timestamp, String>,
}

impl Indexes<HostCredential> for CredentialIndexes {
    fn insert(&mut self, row: &HostCredential) {
        for issued in row.issued() {
            self.by_access_key.insert(issued.access_key_id.clone(), row.host.clone());
        }
        self.by_expiry.insert(row.current.expires_at, row.host.clone());
    }

    fn remove(&mut self, row: &HostCredential) {
        for issued in row.issued() {
            self.by_access_key.remove(&issued.access_key_id, &row.host);
        }
        self.by_expiry.remove(&row.current.expires_at, &row.host);
    }
}

/// Never shows what is secret.
impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued")
            .field("access_key_id", &self.access_key_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
