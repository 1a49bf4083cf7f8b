//! IAM's operations, by the entity that they are about.

pub mod users;
