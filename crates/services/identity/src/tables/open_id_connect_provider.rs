//! A provider of OpenID Connect tokens that the account trusts.

use std::collections::BTreeSet;

use berth_control::tables::{Record, TableId};
use berth_model::{Tags, Timestamp};
use minicbor::{Decode, Encode};

use super::Account;

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct OpenIdConnectProvider {
    #[n(0)]
    pub account: Account,
    /// Without `https://`.
    #[n(1)]
    pub url: String,
    /// The audiences that its tokens may name.
    #[n(2)]
    pub client_ids: BTreeSet<String>,
    #[n(3)]
    pub thumbprints: Vec<String>,
    #[n(4)]
    pub created_at: Timestamp,
    #[n(5)]
    pub tags: Tags,
}

impl OpenIdConnectProvider {
    pub fn arn(&self) -> String {
        self.account.arn(&format!("oidc-provider/{}", self.url))
    }
}

impl Record for OpenIdConnectProvider {
    const TABLE: TableId = TableId::new(216, "iam-open-id-connect-providers");
    type Key = (Account, String);
    type Indexes = ();

    fn key(&self) -> (Account, String) {
        (self.account, self.url.clone())
    }

    berth_control::record_codec!();
}
