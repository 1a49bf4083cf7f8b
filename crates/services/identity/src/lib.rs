//! Identity: who there is, what they hold, and which policies speak of them, by IAM's own API.
//!
//! IAM knows no regions: every table's rows belong to an [`Account`](tables::Account), whatever region a request was
//! signed for. Nothing here decides whether a call may go on.
//!
//! Start with `tables.rs`, then `entity.rs`, which is what users, groups, roles, policies and instance profiles have
//! in common.

mod access;
mod access_keys;
pub mod authorizer;
mod caller;
pub mod credentials;
mod documents;
mod entity;
mod held_open;
mod holder;
pub mod managed;
mod open_id_connect;
mod operations;
mod paging;
pub mod policies_of;
mod random;
mod rates;
mod registration;
mod render;
mod role_sessions;
mod roles;
pub mod service;
mod service_linked;
pub mod sessions;
mod simulation;
pub mod tables;
mod tagging;
mod trust;
pub mod web_identity;

pub use authorizer::IdentityAuthorizer;
pub use service::Identity;
pub use tables::{register as register_tables, register_sealed};

#[cfg(test)]
mod tests;
