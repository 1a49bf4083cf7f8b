//! When and for what an access key or a role was used last.

use berth_control::tables::{Record, TableId};
use berth_model::{Region, Timestamp};
use minicbor::{Decode, Encode};

/// Apart from what it is of, so that using a key changes nothing that decisions rest on.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct LastUse {
    /// The access key's id, or the role's.
    #[n(0)]
    pub of: String,
    #[n(1)]
    pub at: Timestamp,
    /// By the name that requests are signed for.
    #[n(2)]
    pub service: String,
    #[n(3)]
    pub region: Region,
}

impl Record for LastUse {
    const TABLE: TableId = TableId::new(219, "iam-last-uses");
    type Key = String;
    type Indexes = ();

    fn key(&self) -> String {
        self.of.clone()
    }

    berth_control::record_codec!();
}
