//! One version of a parameter: its value, and what was said with it.

use std::collections::BTreeSet;
use std::fmt;

use berth_control::tables::{Record, TableId};
use berth_model::{Scope, Timestamp};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct ParameterVersion {
    #[n(0)]
    pub scope: Scope,
    #[n(1)]
    pub name: String,
    /// Counts up from 1.
    #[n(2)]
    pub number: u64,
    #[n(3)]
    pub value: ParameterValue,
    #[n(4)]
    pub tier: Tier,
    #[n(5)]
    pub data_type: String,
    #[n(6)]
    pub modified_at: Timestamp,
    /// An ARN.
    #[n(7)]
    pub modified_by: String,
    #[n(8)]
    pub description: Option<String>,
    #[n(9)]
    pub allowed_pattern: Option<String>,
    /// What the key of a secure one was called.
    #[n(10)]
    pub key_name: Option<String>,
    /// No two versions have the same one.
    #[n(11)]
    pub labels: BTreeSet<String>,
}

#[derive(Clone, PartialEq, Encode, Decode)]
pub enum ParameterValue {
    #[n(0)]
    Plain(#[n(0)] String),
    /// A ciphertext, about the parameter's ARN.
    #[n(1)]
    Secure(#[n(0)] ByteVec),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Tier {
    #[n(0)]
    Standard,
    #[n(1)]
    Advanced,
}

/// Every value may be a secret, whatever its type says.
impl fmt::Debug for ParameterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParameterValue::Plain(_) => "Plain(…)",
            ParameterValue::Secure(_) => "Secure(…)",
        })
    }
}

impl Record for ParameterVersion {
    const TABLE: TableId = TableId::new(251, "ssm-parameter-versions");
    type Key = (Scope, String, u64);
    type Indexes = ();

    fn key(&self) -> (Scope, String, u64) {
        (self.scope.clone(), self.name.clone(), self.number)
    }

    berth_control::record_codec!();
}
