//! Rules: what they ask of requests and what they do with them.

pub mod actions;
pub mod conditions;
pub mod forward;
pub mod oidc;
pub mod render;
pub mod transforms;
