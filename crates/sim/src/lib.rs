//! A virtual cluster: the real control plane and real agents on fake clock, network and runtime, from a seed.
//!
//! Everything runs in one thread on tokio's paused clock, so an hour of the cluster's life takes a second or two,
//! and one seed always tells the same story. While clients use the cluster, mishaps strike; checkers watch
//! rules that must hold at every moment. Then everything is healed, and must come to rest.
//!
//! Nothing here knows how the rules are kept. Start with [`run`] (`simulation.rs`), then `checkers.rs` for what is
//! demanded, `faults.rs` for what goes wrong and `network.rs` for how messages travel.
//!
//! [`fleet`] is another thing: thousands of light agents that put their load on a real server.

mod checkers;
mod client;
mod control_plane;
mod dice;
mod disk;
mod faults;
pub mod fleet;
mod host;
mod inspector;
mod life;
mod machine_clock;
mod network;
mod owner;
mod panics;
mod programs;
mod quorum;
mod records;
mod rest;
mod scene;
mod simulation;
mod trace;
mod world;

pub use inspector::Violation;
pub use simulation::{Options, Outcome, run};
