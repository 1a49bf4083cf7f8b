//! That a service-linked role was deleted, for whoever asks how that went.

use berth_control::tables::{Record, TableId};
use berth_model::Timestamp;
use minicbor::{Decode, Encode};

use super::Account;

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct RoleDeletion {
    #[n(0)]
    pub account: Account,
    /// `task/aws-service-role/…`
    #[n(1)]
    pub id: String,
    #[n(2)]
    pub at: Timestamp,
}

impl Record for RoleDeletion {
    const TABLE: TableId = TableId::new(218, "iam-role-deletions");
    type Key = (Account, String);
    type Indexes = ();

    fn key(&self) -> (Account, String) {
        (self.account, self.id.clone())
    }

    berth_control::record_codec!();
}
