//! The data plane of load balancing: carries HTTP, TCP and UDP to targets, as ELB's nodes do.
//!
//! A [`Proxy`] does what its last `Configuration` says (`berth-proxy-protocol`, ADR 28) and reports how that goes. It
//! knows neither tables nor ELB's API nor the control plane: who runs a proxy brings it configurations and takes its reports.
//!
//! Start with `proxy.rs` (what a configuration changes) and `doors.rs` (sockets and who accepts at them). Behind a door is
//! either `front.rs`, a listener of an application balancer, or `flow.rs`, one of a network balancer; both
//! ask a `group.rs` for a target, and `health.rs` finds out which of them can be used.

mod counters;
mod doors;
mod ending;
mod flow;
mod front;
mod gathering;
mod group;
pub mod handover;
mod health;
mod logs;
mod message;
mod oidc;
mod options;
mod pool;
mod proxy;
mod rules;
mod socket;
mod state;
mod tls;

pub use counters::{Counted, Counters, Histogram, Meter};
pub use group::Census;
pub use health::Findings;
pub use options::Options;
pub use proxy::Proxy;
pub use rules::{Question, Rules};
pub use state::{ListenerState, State};
