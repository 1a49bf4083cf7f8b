//! From an HTTP request to an HTTP response, without a socket.
//!
//! identify ► authenticate ► count ► decode ► authorise ► validate ► operation ► encode. Every step can refuse,
//! and every refusal is rendered on the wire that the client speaks, with a request id. One log line and
//! one measurement tell how each request ended.
//!
//! Nothing here knows a service's rules: services hand in their operations ([`ServiceBuilder`]). Nothing
//! here knows connections either: `server` is in front, tests and the simulator call [`Endpoint`] directly.
//!
//! Start with `endpoint.rs` for the order of the steps, `call.rs` and `failure.rs` for what an operation sees.

pub mod access;
pub mod authenticate;
mod authorise;
mod call;
mod endpoint;
mod entries;
mod exchange;
mod failure;
pub mod following;
mod observe;
mod operation;
mod principal;
pub mod query;
mod registry;
mod request_id;
mod route;
mod service;
mod signed_route;
mod stranger;
pub mod throttle;
pub mod websocket;

pub use authorise::{AllowAll, Authorizer, Denied, Held, Question};
pub use berth_aws_protocol::CommonError;
pub use call::{Call, Seen};
pub(crate) use endpoint::text_of;
pub use endpoint::{Endpoint, EndpointBuilder, EndpointOptions, OpenSocket};
pub use failure::Failure;
pub use principal::{Lender, Principal, PrincipalKind, SessionPrincipal, UserPrincipal};
pub use registry::RegistryError;
pub use request_id::RequestId;
pub use route::{Peer, Route};
pub use service::{Service, ServiceBuilder};
pub use signed_route::Stopping;

#[cfg(test)]
pub(crate) mod tests;
