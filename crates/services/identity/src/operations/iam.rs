//! IAM's operations, by what they are about.

pub mod access_keys;
pub mod account;
pub mod groups;
pub mod instance_profiles;
pub mod open_id_connect_providers;
pub mod other_credentials;
pub mod policies;
pub mod roles;
pub mod service_linked_roles;
pub mod simulation;
pub mod users;
