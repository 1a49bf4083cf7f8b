//! Thousands of light agents in one process, against a real server: how load is made.
//!
//! A light agent speaks the protocol of a real one, over real sockets and with real signatures: it registers its
//! host, finds and opens both its web sockets, acknowledges what it is told, reports tasks as running or stopped the
//! moment it hears of them, publishes usage and health, and comes back by ECS's rules when a connection ends. It has
//! no containers and remembers nothing on disk; that is what makes it light.
//!
//! Unlike the rest of this crate nothing here is deterministic: clock, network and server are real ones. Start with
//! [`run`] (`course.rs`), then `agent.rs` for one agent's life.

mod agent;
mod assignments;
mod course;
mod endpoints;
mod failure;
mod files;
mod host;
mod mixed;
mod options;
mod placements;
mod reconnection;
mod registration;
mod report;
mod server;
mod services;
mod socket;
mod tally;
mod tasks;
mod telemetry;
mod wire;
mod work;

pub use course::run;
pub use files::Room;
pub use mixed::{Mixed, MixedReport, run_mixed};
pub use options::Options;
pub use placements::{PlacementReport, Placements, run_placements};
pub use report::{Report, Usage};
pub use services::{ServiceReport, Services, run_services};
