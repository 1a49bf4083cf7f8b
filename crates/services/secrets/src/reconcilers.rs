//! What happens without anybody asking for it.

pub mod keys_due;
