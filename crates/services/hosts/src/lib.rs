//! Hosts: how a machine gets in, how its agent keeps credentials, and what an agent may do.
//!
//! An *activation* (SSM's, by SSM's own API) lets so many hosts join until some time. A host joins by showing one
//! and a public key; from then on its agent asks for temporary credentials with requests that only the private key
//! can sign. Nothing here knows ECS: a host is an id, a key and a name, and what an agent may call is told to
//! [`AgentAuthorizer`] from outside. The role that an activation names is for what runs on its hosts, not for their agents
//! (`role.rs`).
//!
//! Start with `tables.rs`, then `joining.rs` and `issuing.rs`; ADRs 12 and 23 have the reasons.

mod access;
mod activation_code;
mod authorizer;
mod credential_source;
mod filters;
mod issuing;
mod joining;
mod operations;
mod own_host;
mod paging;
mod proof;
mod random;
mod rates;
mod reconcilers;
mod revocations;
mod role;
pub mod service;
pub mod tables;
mod wire;

pub use authorizer::AgentAuthorizer;
pub use credential_source::HostCredentials;
pub use own_host::AGENT_ACTIONS;
pub use service::{Hosts, Settings};
pub use tables::register as register_tables;

#[cfg(test)]
mod tests;
