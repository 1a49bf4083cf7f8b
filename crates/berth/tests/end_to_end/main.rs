//! The real binary, real clients, real containers: what a user gets, and what is left when things break.
//!
//! One program for all of them, so that they are linked once. `host.rs` and `ecs.rs` are what they share.

mod bad_input;
mod balancing;
mod cell;
mod docker_tasks;
mod durability;
mod ecs;
mod example_scheduler;
mod fleet;
mod host;
mod hosts;
mod images;
mod instance_metadata;
mod joining;
mod kill;
mod metadata;
mod services;
mod shifting;
mod stock_clients;
mod tls;
