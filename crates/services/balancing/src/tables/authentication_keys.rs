//! The keys of a balancer that authenticates users.

use std::fmt;

use berth_control::sealing::{Purpose, Sealed, Sealer, Seals, Unsealing};
use berth_control::tables::{Index, Indexes, Record, TableId};
use minicbor::{Decode, Encode};

use super::ElbId;

/// Made with the first action that authenticates users, and gone with the balancer: who is signed in stays so, whatever
/// becomes of actions and proxies.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct AuthenticationKeys {
    #[n(0)]
    pub balancer: ElbId,
    #[n(1)]
    pub id: KeyId,
    /// PEM: what targets verify claims with.
    #[n(2)]
    pub public_key: String,
    /// The key of session cookies, 32 bytes, then the private key in PKCS 8. See [`purpose`](AuthenticationKeys::purpose).
    #[n(3)]
    pub secret: Sealed,
}

impl AuthenticationKeys {
    /// What the secret of a balancer's keys is sealed for: the bytes that a [`Purpose`] borrows.
    pub fn purpose_of(balancer: ElbId) -> [u8; 8] {
        balancer.0.to_be_bytes()
    }

    pub fn purpose(of: &[u8; 8]) -> Purpose<'_> {
        Purpose { kind: "elb.authentication-keys", of }
    }
}

impl Record for AuthenticationKeys {
    const TABLE: TableId = TableId::new(268, "authentication-keys");
    type Key = ElbId;
    type Indexes = AuthenticationKeysIndexes;

    fn key(&self) -> ElbId {
        self.balancer
    }

    berth_control::record_codec!();
}

impl Seals for AuthenticationKeys {
    fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        std::iter::once(&self.secret)
    }

    fn seal_anew(&mut self, sealer: &Sealer) -> Result<(), Unsealing> {
        let of = Self::purpose_of(self.balancer);
        sealer.seal_anew(Self::purpose(&of), &mut self.secret)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuthenticationKeysIndexes {
    /// By what targets are told of it.
    pub by_name: Index<String, ElbId>,
}

impl Indexes<AuthenticationKeys> for AuthenticationKeysIndexes {
    fn insert(&mut self, row: &AuthenticationKeys) {
        self.by_name.insert(row.id.to_string(), row.balancer);
    }

    fn remove(&mut self, row: &AuthenticationKeys) {
        self.by_name.remove(&row.id.to_string(), &row.balancer);
    }
}

/// A UUID, as tokens name a key.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct KeyId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
