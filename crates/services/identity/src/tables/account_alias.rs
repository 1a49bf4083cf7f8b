//! The name that an account goes by.

use berth_control::tables::{Index, Indexes, Record, TableId};
use minicbor::{Decode, Encode};

use super::Account;

/// AWS: one at most.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct AccountAlias {
    #[n(0)]
    pub account: Account,
    #[n(1)]
    pub alias: String,
}

impl Record for AccountAlias {
    const TABLE: TableId = TableId::new(217, "iam-account-aliases");
    type Key = Account;
    type Indexes = AccountAliasIndexes;

    fn key(&self) -> Account {
        self.account
    }

    berth_control::record_codec!();
}

/// AWS: no two accounts have the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountAliasIndexes {
    pub by_alias: Index<String, Account>,
}

impl Indexes<AccountAlias> for AccountAliasIndexes {
    fn insert(&mut self, row: &AccountAlias) {
        self.by_alias.insert(row.alias.clone(), row.account);
    }

    fn remove(&mut self, row: &AccountAlias) {
        self.by_alias.remove(&row.alias, &row.account);
    }
}
