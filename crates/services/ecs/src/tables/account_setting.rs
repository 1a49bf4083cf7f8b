//! Account settings: what a principal, or everyone by default, has switched on or off.

use berth_control::tables::{Record, TableId};
use berth_model::Scope;
use minicbor::{Decode, Encode};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct AccountSetting {
    #[n(0)]
    pub scope: Scope,
    #[n(1)]
    pub owner: SettingOwner,
    /// AWS's setting name, such as `taskLongArnFormat`.
    #[n(2)]
    pub name: String,
    #[n(3)]
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum SettingOwner {
    /// Set by PutAccountSettingDefault: for whoever has no setting of their own.
    #[n(0)]
    Default,
    /// A principal's ARN.
    #[n(1)]
    Principal(#[n(0)] String),
}

/// Scope, then the owner (the default's is the empty string), then the setting's name.
pub type AccountSettingKey = (Scope, String, String);

impl SettingOwner {
    pub fn as_key(&self) -> String {
        match self {
            Self::Default => String::new(),
            Self::Principal(arn) => arn.clone(),
        }
    }
}

impl Record for AccountSetting {
    const TABLE: TableId = TableId::new(105, "ecs-account-settings");
    type Key = AccountSettingKey;
    type Indexes = ();

    fn key(&self) -> AccountSettingKey {
        (self.scope.clone(), self.owner.as_key(), self.name.clone())
    }

    berth_control::record_codec!();
}
