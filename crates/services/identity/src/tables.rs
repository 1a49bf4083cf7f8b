//! What is remembered of who there is: one record type per table. Numbers from 210 to 229 are this service's.

mod about;
mod access_key;
mod account;
mod account_alias;
mod by_name;
mod group;
mod instance_profile;
mod last_use;
mod open_id_connect_provider;
mod permissions;
mod policy;
mod policy_text;
mod role;
mod role_deletion;
mod unique_id;
mod user;

pub use about::{About, EntityKey, full_name};
pub use access_key::AccessKey;
pub use account::Account;
pub use account_alias::AccountAlias;
pub use by_name::ByName;
pub use group::Group;
pub use instance_profile::InstanceProfile;
pub use last_use::LastUse;
pub use open_id_connect_provider::OpenIdConnectProvider;
pub use permissions::{ByPolicy, Permissions, PolicyRef};
pub use policy::{Policy, PolicyVersion};
pub use policy_text::PolicyText;
pub use role::Role;
pub use role_deletion::RoleDeletion;
pub use unique_id::UniqueId;
pub use user::User;

use berth_control::sealing::Rotation;
use berth_control::tables::Schema;

/// Registers every table of this service with the cell.
pub fn register(schema: &mut Schema) {
    schema.table::<User>();
    schema.table::<Group>();
    schema.table::<Role>();
    schema.table::<Policy>();
    schema.table::<InstanceProfile>();
    schema.table::<AccessKey>();
    schema.table::<OpenIdConnectProvider>();
    schema.table::<AccountAlias>();
    schema.table::<RoleDeletion>();
    schema.table::<LastUse>();
}

/// Tells the rotation of data keys of every table that has something sealed.
pub fn register_sealed(rotation: Rotation) -> Rotation {
    rotation.of::<AccessKey>()
}

#[cfg(test)]
mod tests;
