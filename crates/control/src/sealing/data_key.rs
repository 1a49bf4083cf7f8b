//! The keys that seal, wrapped by the root key.

use std::time::Duration;

use berth_model::Timestamp;
use minicbor::{Decode, Encode};

use super::Wrapped;
use crate::tables::{Record, TableId, View};

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DataKey {
    /// Counts up from 1; the highest seals.
    #[n(0)]
    pub number: u32,
    #[n(1)]
    pub wrapped: Wrapped,
    #[n(2)]
    pub created_at: Timestamp,
    /// Somebody wants another to seal from now on.
    #[n(3)]
    #[cbor(default)]
    pub is_to_go: bool,
    /// `None` for the one that seals. Until then it may have sealed what no table has and is still about.
    #[n(4)]
    pub kept_until: Option<Timestamp>,
}

impl DataKey {
    pub(super) fn new(number: u32, wrapped: Wrapped, created_at: Timestamp) -> Self {
        DataKey { number, wrapped, created_at, is_to_go: false, kept_until: None }
    }

    /// When another takes over from it.
    pub(super) fn replaced_at(&self, every: Duration) -> Timestamp {
        if self.is_to_go { self.created_at } else { self.created_at + every }
    }

    /// The one that seals. There is one from the first start on.
    pub fn newest(view: &impl View) -> Option<&DataKey> {
        view.table::<DataKey>().iter().next_back()
    }
}

impl Record for DataKey {
    const TABLE: TableId = TableId::new(2, "data-keys");
    type Key = u32;
    type Indexes = ();

    fn key(&self) -> u32 {
        self.number
    }

    crate::record_codec!();
}
