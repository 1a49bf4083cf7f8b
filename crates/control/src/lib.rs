//! The control plane's frame: request pipeline, tables, writer, reconciler driver.

pub mod audit;
pub mod cell;
pub mod cells;
pub mod env;
pub mod health;
pub mod idempotency;
pub mod metrics;
pub mod pipeline;
pub mod ports;
pub mod reconcile;
pub mod sealing;
pub mod server;
pub mod tables;
pub mod tags;
pub mod tls;
