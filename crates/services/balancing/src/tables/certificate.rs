//! A certificate of ACM's, imported or issued by the own authority, with its key.

use std::fmt;
use std::str::FromStr;

use berth_control::env::Env;
use berth_control::sealing::{Purpose, Sealed, Sealer, Seals, Unsealing};
use berth_control::tables::{Record, TableId, TableKey};
use berth_model::{Scope, Tags, Timestamp};
use minicbor::{Decode, Encode};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Certificate {
    #[n(0)]
    pub scope: Scope,
    #[n(1)]
    pub id: CertificateId,
    #[n(2)]
    pub created_at: Timestamp,
    #[n(3)]
    pub origin: Origin,
    /// PEM, one certificate.
    #[n(4)]
    pub certificate: String,
    /// PEM: what it was issued by, nearest first. `None`: by itself.
    #[n(5)]
    pub chain: Option<String>,
    /// PEM. See [`purpose`](Certificate::purpose).
    #[n(6)]
    pub private_key: Sealed,
    /// When it was issued or imported, the last time.
    #[n(7)]
    pub made_at: Timestamp,
    #[n(8)]
    pub tags: Tags,
}

/// Where it is from.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Origin {
    #[n(0)]
    Imported,
    #[n(1)]
    Issued {
        #[n(0)]
        validation: Validation,
        /// Whether AWS would tell public logs of it.
        #[n(1)]
        is_logged: bool,
        /// When it was renewed, the last time.
        #[n(2)]
        renewed_at: Option<Timestamp>,
    },
}

/// How AWS would find out whether a domain is the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Validation {
    #[n(0)]
    Dns,
    #[n(1)]
    Email,
}

impl Certificate {
    pub fn arn(&self) -> String {
        let Scope { partition, account, region } = &self.scope;
        format!("arn:{partition}:acm:{region}:{account}:certificate/{}", self.id)
    }

    /// What its key is sealed for.
    pub fn purpose(id: &CertificateId) -> Purpose<'_> {
        Purpose { kind: "acm.private-key", of: &id.0 }
    }
}

impl Record for Certificate {
    const TABLE: TableId = TableId::new(270, "certificates");
    type Key = (Scope, CertificateId);
    type Indexes = ();

    fn key(&self) -> (Scope, CertificateId) {
        (self.scope.clone(), self.id)
    }

    berth_control::record_codec!();
}

impl Seals for Certificate {
    fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        std::iter::once(&self.private_key)
    }

    fn seal_anew(&mut self, sealer: &Sealer) -> Result<(), Unsealing> {
        sealer.seal_anew(Self::purpose(&self.id), &mut self.private_key)
    }
}

/// A UUID, as ACM shows it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct CertificateId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

/// Where the dashes stand, counted in digits.
const DASHES: [usize; 4] = [8, 12, 16, 20];

impl CertificateId {
    /// A new one, of version 4 as AWS's are.
    pub fn new(env: &Env) -> Self {
        let mut bytes = env.id();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        CertificateId(bytes)
    }
}

impl fmt::Display for CertificateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = hex::encode(self.0);
        for (already, digits) in DASHES.into_iter().enumerate() {
            text.insert(already + digits, '-');
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for CertificateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for CertificateId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text.replace('-', ""), &mut bytes).map_err(drop)?;
        // Only the one spelling: dashes elsewhere, or capitals, are no certificate's.
        Some(CertificateId(bytes)).filter(|id| id.to_string() == text).ok_or(())
    }
}

impl TableKey for CertificateId {
    fn write_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}
