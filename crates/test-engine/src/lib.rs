//! Private Docker Engines for a test, and whole networks of hosts that have one each, gone without a trace afterwards.
//!
//! ```no_run
//! # async fn test() -> anyhow::Result<()> {
//! let Some(engine) = berth_test_engine::Engine::for_test()? else { return Ok(()) };
//! let image = engine.load_demo_image().await?;
//! let docker = engine.runtime("some-agent");
//! # Ok(()) }
//! ```
//!
//! Each engine has its own network and mount namespaces, data, socket and cgroup parent, so that any number
//! run at once, on one host and beside its own Docker. Two containers on two engines can hold the same host
//! port; [`Engine::connect`] and [`Engine::http_get`] reach into the engine's network.
//!
//! A [`Network`] joins several of them: each [`Host`] has an engine, an address, a name and a small disk, and can be cut
//! off, filled up and destroyed. A [`Machine`] is the same without an engine, for programs of the test's own, and can be
//! made deaf to any other. The network has an address for servers, and the test can connect to it.
//!
//! Dropping any of them kills all that was started inside and removes all that it left, also when the test panics. If
//! the test itself is killed, the next engine or network on this machine sweeps up.
//!
//! Start with `engine.rs`, then `network.rs`; `traces.rs` knows what they leave behind.

mod engine;
mod home;
mod host;
mod image;
mod machine;
mod network;
mod space;
mod traces;
mod wait;

pub use engine::Engine;
pub use host::Host;
pub use image::{DEMO_IMAGE, demo_image_archive, demo_program};
pub use machine::Machine;
pub use network::Network;
pub use wait::{persist, until};
