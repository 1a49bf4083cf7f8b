//! Load balancing: ELBv2's API, ACM's certificates for it, and what proxies are told and report.
//!
//! Everything here is wishes and findings. What carries requests is a proxy, which asks for its configuration and tells
//! what it found out about targets (ADR 28); nothing here waits for one.
//!
//! Start with `tables.rs`, then `configuration.rs`: what all of it comes to.

mod access;
mod addresses;
mod arns;
mod attributes;
mod authentication_keys;
mod certificates;
pub mod configuration;
mod exchange;
mod find;
mod limits;
mod listeners;
mod load_balancers;
mod operations;
mod paging;
mod port;
mod proxies;
mod public_keys;
mod rates;
mod reconcilers;
mod registration;
mod rules;
mod service;
mod ssl_policies;
pub mod tables;
mod tagging;
mod target_groups;
mod targets;
mod trust_stores;

pub use addresses::PATH as ADDRESSES_PATH;
pub use certificates::{Issuer, KeptCertificates};
pub use exchange::AGENT_ACTIONS;
pub use limits::Limits;
pub use service::{Balancing, Neighbours};
pub use tables::{register as register_tables, register_sealed};

#[cfg(test)]
mod tests;
