//! A container registry of a test's own: what it serves, to whom, and how it fails.
//!
//! ```no_run
//! # fn test() -> std::io::Result<()> {
//! use berth_test_registry::{Image, Registry};
//! # let archive = Vec::new();
//! let registry = Registry::start(std::net::TcpListener::bind("127.0.0.1:0")?)?;
//! registry.push("team/web", "1", &Image::from_archive(&archive)?);
//! assert_eq!(registry.name("team/web:1"), format!("127.0.0.1:{}/team/web:1", registry.port()));
//! # Ok(()) }
//! ```
//!
//! It speaks as much of the OCI distribution protocol as a pull needs, over plain HTTP: Docker takes that from
//! addresses in 127/8. It listens where its listener does, so a test engine's own network is as good as any
//! (`berth_test_engine::Engine::listen`). Every request is written down, for a test to count.
//!
//! Start with `registry.rs`; `serve.rs` has the protocol.

mod access;
mod image;
mod registry;
mod serve;
mod state;

pub use access::Access;
pub use http::StatusCode;
pub use image::Image;
pub use registry::Registry;
pub use state::Request;
