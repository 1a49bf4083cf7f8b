//! Client tokens: a request that is sent again does nothing again and gets the first answer.
//!
//! An operation that takes a client token makes a [`Claim`] of it. In its transaction it asks the claim for a
//! [`replay`](Claim::replay) first; if there is none it does its work and [`keep`](Claim::keep)s what it needs
//! to answer once more. Both happen in one transaction, so two requests at once cannot both be first.
//!
//! A token is remembered for 24 hours, as AWS remembers ECS's. What the kept answer means, and which error
//! a conflict is, only the operation knows.

mod expiry;
#[cfg(test)]
mod tests;

use std::time::Duration;

use berth_model::{Scope, Timestamp};
use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

pub use expiry::ExpireClientTokens;

use crate::cell::Transaction;
use crate::tables::{Index, Indexes, Record, TableId, View};

/// How long a token is remembered.
pub const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

/// A token that was used, and the answer that it got.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct ClientToken {
    #[n(0)]
    scope: Scope,
    #[n(1)]
    operation: String,
    #[n(2)]
    token: String,
    /// The start of the SHA-256 of the request.
    #[n(3)]
    fingerprint: ByteArray<16>,
    #[n(4)]
    answer: ByteVec,
    #[n(5)]
    used_at: Timestamp,
}

/// Tokens by when they were first used.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientTokenIndexes {
    by_age: Index<Timestamp, <ClientToken as Record>::Key>,
}

impl Record for ClientToken {
    const TABLE: TableId = TableId::new(1, "client-tokens");
    type Key = (Scope, String, String);
    type Indexes = ClientTokenIndexes;

    fn key(&self) -> Self::Key {
        (self.scope.clone(), self.operation.clone(), self.token.clone())
    }

    crate::record_codec!();
}

impl Indexes<ClientToken> for ClientTokenIndexes {
    fn insert(&mut self, row: &ClientToken) {
        self.by_age.insert(row.used_at, row.key());
    }

    fn remove(&mut self, row: &ClientToken) {
        self.by_age.remove(&row.used_at, &row.key());
    }
}

/// A request's use of its client token.
#[derive(Debug, Clone)]
pub struct Claim {
    scope: Scope,
    operation: &'static str,
    token: String,
    fingerprint: [u8; 16],
}

/// The token was used for another request before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the client token `{token}` was already used for a different {operation} request")]
pub struct TokenConflict {
    pub operation: &'static str,
    pub token: String,
    /// What the first request kept.
    pub answer: Vec<u8>,
}

impl Claim {
    /// `request` is any encoding of the parameters that is the same for the same parameters.
    pub fn new(
        scope: Scope,
        operation: &'static str,
        token: impl Into<String>,
        request: &[u8],
    ) -> Self {
        let digest = Sha256::digest(request);
        let fingerprint = std::array::from_fn(|at| digest[at]);
        Claim { scope, operation, token: token.into(), fingerprint }
    }

    /// What this request's first sending kept; nothing if this is the first, or the first that is remembered.
    pub fn replay<'v>(
        &self,
        view: &'v impl View,
        now: Timestamp,
    ) -> Result<Option<&'v [u8]>, TokenConflict> {
        let key = (self.scope.clone(), self.operation.to_owned(), self.token.clone());
        match view.get::<ClientToken>(&key).filter(|used| !used.is_expired(now)) {
            None => Ok(None),
            Some(used) if *used.fingerprint == self.fingerprint => Ok(Some(&used.answer)),
            Some(used) => Err(TokenConflict {
                operation: self.operation,
                token: self.token.clone(),
                answer: used.answer.to_vec(),
            }),
        }
    }

    /// Remembers the token and what its request needs to be answered once more.
    pub fn keep(self, tx: &mut Transaction, answer: Vec<u8>, now: Timestamp) {
        tx.put(ClientToken {
            scope: self.scope,
            operation: self.operation.to_owned(),
            token: self.token,
            fingerprint: self.fingerprint.into(),
            answer: answer.into(),
            used_at: now,
        });
    }
}

impl ClientToken {
    fn is_expired(&self, now: Timestamp) -> bool {
        now.since(self.used_at) >= REMEMBERED
    }
}
