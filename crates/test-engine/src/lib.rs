//! A private Docker Engine for a test, gone without a trace afterwards.
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
//! Dropping an [`Engine`] kills all that it started and removes all that it left, also when the test panics. If the
//! test itself is killed, the next engine that starts on this machine sweeps up.
//!
//! Start with `engine.rs`; `traces.rs` knows what an engine leaves behind.

mod engine;
mod home;
mod image;
mod space;
mod traces;
mod wait;

pub use engine::Engine;
pub use image::{DEMO_IMAGE, demo_image_archive, demo_program};
