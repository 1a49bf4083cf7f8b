//! What policies would decide, without anybody doing anything.

pub mod get_context_keys_for_custom_policy;
pub mod get_context_keys_for_principal_policy;
pub mod simulate_custom_policy;
pub mod simulate_principal_policy;
