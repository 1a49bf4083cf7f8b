//! What each call wants, by API.
//!
//! AWS: the Service Authorization Reference, "AWS Key Management Service", "AWS Secrets Manager" and "AWS Systems
//! Manager".

pub mod kms;
pub mod secretsmanager;
pub mod ssm;
