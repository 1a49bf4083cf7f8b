//! What works by itself.

pub mod forget_expired;
