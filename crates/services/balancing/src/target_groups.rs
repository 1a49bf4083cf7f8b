//! Target groups: how health is checked, how they are shown.

pub mod health_check;
pub mod matcher;
pub mod render;
pub mod settings;
