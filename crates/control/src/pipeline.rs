//! From an HTTP request to an HTTP response, without a socket.
//!
//! identify ► authenticate ► authorise ► decode ► validate ► operation ► encode. Every step can refuse,
//! and every refusal is rendered on the wire that the client speaks, with a request id. One log line and
//! one measurement tell how each request ended.
//!
//! Nothing here knows a service's rules: services hand in their operations ([`ServiceBuilder`]). Nothing
//! here knows connections either: `server` is in front, tests and the simulator call [`Endpoint`] directly.
//!
//! Start with `endpoint.rs` for the order of the steps, `call.rs` and `failure.rs` for what an operation sees.

mod call;
mod common_error;
mod failure;
mod principal;
mod request_id;

pub use call::Call;
pub use common_error::CommonError;
pub use failure::Failure;
pub use principal::{Principal, PrincipalKind};
pub use request_id::RequestId;
