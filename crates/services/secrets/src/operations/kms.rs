//! KMS's operations, and what several of them share.

pub mod create_key;
pub mod describe_key;

mod policy;
mod render;
mod request;
mod tagging;
