//! Which function serves which operation, by API.

pub mod kms;
pub mod secretsmanager;
pub mod ssm;
