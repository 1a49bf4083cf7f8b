//! Trust stores: whose certificates clients may show.
//!
//! AWS: what is in them are objects of S3, read when a request names them; changing the object changes nothing.

pub mod authorities;
mod der;
pub mod objects;
pub mod render;
pub mod revocations;
