//! One version of a secret: its value, encrypted. Which labels it has is in the secret's row, and that is found by what
//! a version's key begins with.

use berth_control::tables::{Record, TableId};
use berth_model::{Scope, Timestamp};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::{KeyId, SecretKey};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct SecretVersion {
    #[n(0)]
    pub scope: Scope,
    #[n(1)]
    pub secret: String,
    /// The client token of the request that made it.
    #[n(2)]
    pub id: String,
    #[n(3)]
    pub created_at: Timestamp,
    /// The day when it was last read.
    #[n(4)]
    pub accessed_on: Option<Timestamp>,
    #[n(5)]
    pub form: Form,
    #[n(6)]
    pub under: Under,
    /// Under the key, about this version of this secret and nothing else.
    #[n(7)]
    pub ciphertext: ByteVec,
}

/// In which member of a request it came, and goes out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Form {
    #[n(0)]
    String,
    #[n(1)]
    Binary,
}

/// What it is encrypted under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Under {
    /// The account's own key for secrets.
    #[n(0)]
    Default(#[n(0)] KeyId),
    /// A key that the secret names.
    #[n(1)]
    Key(#[n(0)] KeyId),
}

impl SecretVersion {
    pub fn secret_key(&self) -> SecretKey {
        (self.scope.clone(), self.secret.clone())
    }
}

impl Record for SecretVersion {
    const TABLE: TableId = TableId::new(241, "secret-versions");
    type Key = (SecretKey, String);
    type Indexes = ();

    fn key(&self) -> (SecretKey, String) {
        (self.secret_key(), self.id.clone())
    }

    berth_control::record_codec!();
}
