//! Application balancers, as their clients and targets see them: real sockets, and targets that do as they are told.

#[allow(dead_code)]
mod client;
mod draining;
mod failures;
mod routing;
mod stickiness;
mod target;
mod upgrades;
mod world;
