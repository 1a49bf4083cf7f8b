//! What happens without anybody asking for it.

pub mod begin_rotations;
pub mod delete_secrets;
pub mod keys_due;
pub mod rotate_secrets;
