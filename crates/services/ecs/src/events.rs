//! State-change events: what happened to tasks, container instances and services, in EventBridge's shapes.
//!
//! Every change that a user can see becomes a row of [`StateChange`](crate::tables::StateChange) in the transaction
//! that makes it (`derivation.rs`), so none is lost and none is invented. Which tables are told of is the list in
//! `told.rs`: a new one is a row there, an arm in [`Subject`](crate::tables::Subject) and one in `event.rs`. Rows are
//! rendered when somebody reads them (`event.rs`), and read by number (`page.rs`, `feed.rs`); they are bounded in
//! number as they are written, in age by `reconcilers/forget_events.rs`. ADR 16 has the reasons.
//!
//! Start with `told.rs`.

mod container_instance;
mod derivation;
mod detail;
mod event;
mod feed;
mod filter;
mod page;
mod service;
mod task;
mod told;

pub use derivation::StateChanges;
pub use feed::{ACTION, PATH, follow};

use std::time::Duration;

/// How long an event is kept. What it refers to (task definitions, instances, clusters) is kept for longer.
pub const KEPT_FOR: Duration = Duration::from_secs(60 * 60);

/// How many are kept at most, some 500 bytes each.
pub const KEPT: usize = 100_000;
