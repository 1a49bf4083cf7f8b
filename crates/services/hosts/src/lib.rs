//! Hosts: how a machine gets in, how its agent keeps credentials, and what an agent may do.
//!
//! An *activation* (SSM's, by SSM's own API) lets so many hosts join until some time. A host joins by showing one
//! and a public key; from then on its agent asks for temporary credentials with requests that only the private key
//! can sign. Nothing here knows ECS: a host is an id, a key and a name, and what an agent may call is told to
//! [`AgentAuthorizer`] from outside.
//!
//! Start with `tables.rs`, then `joining.rs` and `issuing.rs`; ADR 12 has the reasons.

mod access;
mod activation_code;
mod authorizer;
mod credential_source;
mod filters;
mod issuing;
mod joining;
mod operations;
mod paging;
mod proof;
mod random;
mod rates;
mod reconcilers;
mod revocations;
pub mod service;
pub mod tables;
mod wire;

pub use authorizer::AgentAuthorizer;
pub use credential_source::HostCredentials;
pub use service::{Hosts, Settings};
pub use tables::register as register_tables;

#[cfg(test)]
mod tests;
