//! The control plane's frame: request pipeline, tables, writer, reconciler driver.

pub mod cell;
pub mod env;
pub mod pipeline;
pub mod tables;
