//! What happens by itself.

pub mod count_out_proxies;
pub mod end_targets;
pub mod renew_certificates;
