//! One file per API operation, named after it, by API and by what it is about.

pub mod iam;
pub mod sts;
