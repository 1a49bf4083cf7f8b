//! A permission for so many hosts to join, until some time.

use std::fmt;
use std::str::FromStr;

use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::{Scope, Tags, Timestamp};
use minicbor::{Decode, Encode};

/// Shown as AWS shows it: a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct ActivationId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Activation {
    #[n(0)]
    pub id: ActivationId,
    #[n(1)]
    pub scope: Scope,
    /// SHA-256: the code itself is told once and kept nowhere.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub code_hash: [u8; 32],
    #[n(3)]
    pub registration_limit: u32,
    #[n(4)]
    pub registrations: u32,
    #[n(5)]
    pub created_at: Timestamp,
    #[n(6)]
    pub expires_at: Timestamp,
    #[n(7)]
    pub iam_role: String,
    #[n(8)]
    pub description: Option<String>,
    #[n(9)]
    pub default_instance_name: Option<String>,
    /// Hosts that join by it get them.
    #[n(10)]
    pub tags: Tags,
}

impl Activation {
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }
}

impl Record for Activation {
    const TABLE: TableId = TableId::new(200, "ssm-activations");
    type Key = (Scope, [u8; 16]);
    type Indexes = ActivationIndexes;

    fn key(&self) -> (Scope, [u8; 16]) {
        (self.scope.clone(), self.id.0)
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActivationIndexes {
    /// Hosts do not say which region an activation is of.
    pub by_id: Index<ActivationId, (Scope, [u8; 16])>,
    pub by_expiry: Index<Timestamp, (Scope, [u8; 16])>,
}

impl Indexes<Activation> for ActivationIndexes {
    fn insert(&mut self, row: &Activation) {
        self.by_id.insert(row.id, row.key());
        self.by_expiry.insert(row.expires_at, row.key());
    }

    fn remove(&mut self, row: &Activation) {
        self.by_id.remove(&row.id, &row.key());
        self.by_expiry.remove(&row.expires_at, &row.key());
    }
}

impl fmt::Display for ActivationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = hex::encode(self.0);
        let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
        f.write_str(&parts.join("-"))
    }
}

/// A text that is no activation's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoActivationId;

impl FromStr for ActivationId {
    type Err = NoActivationId;

    fn from_str(text: &str) -> Result<Self, NoActivationId> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text.replace('-', ""), &mut bytes).map_err(|_| NoActivationId)?;
        let id = ActivationId(bytes);
        if id.to_string() == text { Ok(id) } else { Err(NoActivationId) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_in_one_way_only() {
        let id = ActivationId([0xab; 16]);
        let text = "abababab-abab-abab-abab-abababababab";
        assert_eq!((id.to_string().as_str(), text.parse()), (text, Ok(id)));
        for other in [&text.replace('-', ""), &text.to_uppercase(), "", "é"] {
            assert_eq!(other.parse::<ActivationId>(), Err(NoActivationId), "{other}");
        }
    }
}
