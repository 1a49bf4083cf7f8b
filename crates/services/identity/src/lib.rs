//! Identity: who there is, what they hold, and which policies speak of them, by IAM's own API.
//!
//! IAM knows no regions: every table's rows belong to an [`Account`](tables::Account), whatever region a request was
//! signed for. Nothing here decides whether a call may go on.
//!
//! Start with `tables.rs`, then `entity.rs`, which is what users, groups, roles, policies and instance profiles have
//! in common.

mod entity;
mod operations;
mod paging;
mod random;
mod render;
pub mod service;
pub mod tables;
mod tagging;

pub use service::Identity;
pub use tables::register as register_tables;

#[cfg(test)]
mod tests;
