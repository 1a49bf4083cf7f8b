//! What happens without anybody asking for it.

pub mod delete_secrets;
pub mod keys_due;
