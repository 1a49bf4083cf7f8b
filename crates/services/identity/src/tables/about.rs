//! What every named entity has.

use berth_model::{Tags, Timestamp};
use minicbor::{Decode, Encode};

use super::by_name::fold;
use super::{Account, UniqueId};

/// By their ids, since names can change.
pub type EntityKey = (Account, UniqueId);

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct About {
    #[n(0)]
    pub account: Account,
    #[n(1)]
    pub id: UniqueId,
    #[n(2)]
    pub name: String,
    /// Begins and ends with a slash.
    #[n(3)]
    pub path: String,
    #[n(4)]
    pub created_at: Timestamp,
    /// AWS: groups have none.
    #[n(5)]
    pub tags: Tags,
}

impl About {
    pub fn key(&self) -> EntityKey {
        (self.account, self.id.clone())
    }

    /// Path and name, as they stand in an ARN.
    pub fn full_name(&self) -> String {
        full_name(&self.path, &self.name)
    }

    /// By which it is told apart from others of its kind.
    pub fn folded_name(&self) -> String {
        fold(&self.name)
    }
}

/// The path without the slash that it begins with, then the name.
pub fn full_name(path: &str, name: &str) -> String {
    format!("{}{name}", path.strip_prefix('/').unwrap_or(path))
}
