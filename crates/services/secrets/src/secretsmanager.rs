//! What Secrets Manager's operations have in common.
//!
//! A secret's row has its labels, each on one version; values are rows of their own, encrypted under the secret's key.
//! `versions.rs` makes and finds versions, `reading.rs` hands values out, `naming.rs` knows what a `SecretId` may be,
//! `rotation.rs` how new values come into force by themselves.

pub mod filters;
pub mod naming;
pub mod paging;
pub mod password;
pub mod policy;
pub mod reading;
pub mod refusals;
pub mod render;
pub mod rotation;
pub mod tagging;
pub mod value;
pub mod versions;
