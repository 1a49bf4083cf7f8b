//! Load balancers: what they may be called, where they are, how they are shown.

pub mod dns;
pub mod names;
pub mod render;
mod state;
pub mod zones;
