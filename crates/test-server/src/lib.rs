//! Real `berth` processes for a test: started, asked, broken, and gone afterwards.
//!
//! ```no_run
//! use berth_test_server::{Home, json, until};
//! let home = Home::new("target/debug/berth");
//! let server = home.up("none");
//! let api = home.api();
//! api.call("CreateCluster", json!({ "clusterName": "a" }));
//! assert_eq!(api.refused("DeleteCluster", json!({ "cluster": "b" })).code, "ClusterNotFoundException");
//! server.kill();
//! let server = home.up("none"); // at the same address, on the same data
//! ```
//!
//! What a test did not expect panics here, with what was asked and what came. A process that is dropped is killed, and
//! if the test panics its log is shown. Everything blocks: a test that wants many clients at once takes threads.
//!
//! A server can run in a [`Network`](berth_test_engine::Network) of the test's own, and agents on its hosts: [`Home::in_network`], [`Launch::on`].
//!
//! It does not know Docker (`berth-test-engine` does) and nothing of what operations mean. Start with `home.rs`.

mod api;
mod home;
mod process;
mod wire;

pub use berth_test_engine::until;

pub use api::{Api, CallError, Refusal, members};
pub use home::{Home, Key};
pub use process::{Launch, Process};
pub use serde_json::{Value, json};
pub use wire::{exchange, get};
