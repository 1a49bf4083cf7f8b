//! Services on real hosts: what was promised is kept, whatever breaks.

mod promises;
mod rollouts;
pub mod service;
