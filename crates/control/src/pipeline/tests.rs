//! The pipeline over its own front door, with a tiny service behind it.

mod audit;
mod authentication;
mod bad_input;
mod observation;
mod operations;
mod signed_routes;
mod sockets;
mod throttling;
pub(crate) mod world;
