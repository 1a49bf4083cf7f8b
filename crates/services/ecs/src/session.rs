//! The server's end of what an agent keeps open: ACS for its assignments, TCS for its telemetry.
//!
//! A session holds nothing that matters. What an agent should run is in the tables; a session compares
//! that with what it has told this agent since the connection opened, and tells the difference. Lose the
//! connection, or the server, and the next session begins by telling everything that is still open.
//!
//! Start with `acs.rs` for the loop and `assignments.rs` for what there is to tell; `credentials.rs` is what tasks
//! with roles need beside that.

mod acs;
mod assignments;
mod credentials;
mod dispatch;
mod docker_config;
mod handshake;
mod open;
mod payload;
mod roster;
mod tcs;
mod telemetry;

pub use dispatch::dispatch;
pub use open::{open_acs, open_tcs};
pub use roster::Roster;
pub use telemetry::{TaskSample, Telemetry};
