//! Secrets, and the keys that they are under: KMS, Secrets Manager and Parameter Store.
//!
//! Key material is sealed by the control plane's [`Sealer`](berth_control::sealing::Sealer); everything else that is
//! secret is encrypted under such a key, with an encryption context that says what it is. So whoever has the store
//! reads nothing, and whoever disables a key has disabled what it protects.
//!
//! Start with `tables.rs`, then `keys.rs`: what the two others use of KMS.

mod access;
mod data_key;
mod keys;
mod operations;
mod parameters;
mod rates;
mod reconcilers;
mod registration;
pub mod secretsmanager;
pub mod service;
pub mod tables;

pub use service::{Neighbours, Secrets};
pub use tables::{register as register_tables, register_sealed};

#[cfg(test)]
mod tests;
