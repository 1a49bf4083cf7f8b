//! The keys that seal, wrapped by the root key.

use berth_model::Timestamp;
use minicbor::{Decode, Encode};

use super::Wrapped;
use crate::tables::{Record, TableId};

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DataKey {
    /// Counts up from 1; the highest seals.
    #[n(0)]
    pub number: u32,
    #[n(1)]
    pub wrapped: Wrapped,
    #[n(2)]
    pub created_at: Timestamp,
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
