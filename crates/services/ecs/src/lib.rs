//! Amazon ECS: clusters, task definitions, container instances, tasks.
//!
//! Operations (`operations/`, one file each) write intent into the tables and answer. Sessions
//! (`session/`) carry it to agents, whose reports come back as operations. Reconcilers (`reconcilers/`)
//! do whatever takes longer than one transaction.
//!
//! Where a task may run is decided in `scheduler`, what a report means in `lifecycle`; this crate holds
//! the records, the rules of the API, and the wiring between them. Start with `tables.rs`, then
//! `service.rs`.

mod access;
mod account_settings;
mod advertise;
mod capacity_providers;
mod deployment_settings;
mod events;
mod explain;
mod fleet;
mod gauges;
mod gpus;
mod health;
mod holds;
mod identity;
mod image_resolution;
mod launch;
pub mod limits;
mod operations;
mod paging;
mod patience;
mod placement_rules;
mod platform;
mod progress;
mod provisioning;
mod rates;
mod reconcilers;
mod render;
mod resolve;
mod roles;
mod rollout;
mod runnable;
pub mod service;
mod service_events;
mod service_history;
mod service_launch;
pub mod session;
mod shares;
pub mod tables;
mod tagging;
mod task_definition;
mod task_runs;
mod task_support;
mod traffic;

pub use advertise::Advertise;
pub use identity::AGENT_OPERATIONS;
pub use limits::Limits;
pub use patience::Patience;
pub use service::{Ecs, Ports};
pub use tables::register as register_tables;
pub use task_runs::RunsTasks;
pub use traffic::InstanceAddresses;
