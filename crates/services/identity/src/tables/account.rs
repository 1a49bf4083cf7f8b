//! Whose world a row is of.

use berth_control::tables::TableKey;
use berth_model::{AccountId, Partition, Scope};
use minicbor::{Decode, Encode};

/// An account, without a region: IAM has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Account {
    #[n(0)]
    pub partition: Partition,
    #[n(1)]
    pub id: AccountId,
}

impl Account {
    pub fn of(scope: &Scope) -> Self {
        Self { partition: scope.partition, id: scope.account }
    }

    /// The ARN of something that IAM has in this account.
    pub fn arn(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.partition, self.id)
    }
}

impl TableKey for Account {
    fn write_to(&self, out: &mut Vec<u8>) {
        self.partition.write_to(out);
        self.id.write_to(out);
    }
}
