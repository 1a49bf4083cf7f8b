//! One file per API operation, named after it, by API.

pub mod kms;
pub mod secretsmanager;
pub mod ssm;
