//! What control plane and agent say to each other: on their two web sockets, in both directions, and before them.
//!
//! ACS carries assignments (payloads, manifests, credentials) and their acknowledgements; TCS carries
//! telemetry. Each text frame is `{"type": …, "message": …}`; [`acs`] and [`tcs`] have one enum per
//! direction with `decode` and `encode`. On TCS what the agent sends is preceded by signed header
//! lines, see [`tcs::SignedFrame`]. [`hosts`] is Berth's own: how a host joins and gets credentials.
//!
//! Fields are AWS's own, in AWS's spelling. What is absent is `None` or empty and is not written; a field
//! that is not known is skipped, since either end may be newer than the other. Nothing here decides
//! what a message means: that is the agent's and the session's matter.
//!
//! Source: the models in amazon-ecs-agent (`ecs-agent/{acs,tcs}/model/api`) and what its own agent
//! puts on the wire.

pub mod acs;
mod epoch;
mod exception;
mod frame;
pub mod hosts;
pub mod tcs;
#[cfg(feature = "transcript")]
pub mod transcript;
mod word;

pub use epoch::EpochSeconds;
pub use exception::{Exception, ExceptionKind};
pub use frame::FrameError;
