//! The service: what its operations share.

use std::sync::Arc;

use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::pipeline::Service;
use berth_control::sealing::Sealer;

use crate::registration;

pub struct Identity {
    pub cell: Cell,
    pub env: Env,
    /// For the secrets of access keys.
    pub sealer: Sealer,
}

impl Identity {
    pub fn new(cell: Cell, env: Env, sealer: Sealer) -> Arc<Self> {
        Arc::new(Self { cell, env, sealer })
    }

    /// IAM's operations.
    pub fn iam(self: &Arc<Self>) -> Service {
        registration::service(self)
    }
}
