//! The service. It keeps nothing: what it tells follows from account and region.

use std::sync::Arc;

use berth_control::pipeline::Service;

use crate::registration;

#[derive(Debug, Default)]
pub struct Compute;

impl Compute {
    pub fn new() -> Arc<Self> {
        Arc::new(Compute)
    }

    /// EC2's operations.
    pub fn ec2(self: &Arc<Self>) -> Service {
        registration::service(self)
    }
}
