//! The control plane as one host's agent reaches it.

use async_trait::async_trait;
use berth_agent::{AcsSession, CallError, ControlPlane, DialError, Socket, TcsSession};
use serde_json::Value;

use super::{Network, Place};

/// A host's wire to the control plane.
pub struct Line {
    network: Network,
    host: Place,
}

impl Line {
    pub fn new(network: Network, host: usize) -> Self {
        Self { network, host: Place::Host(host) }
    }
}

#[async_trait]
impl ControlPlane for Line {
    async fn call(&self, operation: &str, input: Value) -> Result<Value, CallError> {
        self.network.call(self.host, operation, input).await
    }

    async fn open_acs(&self, endpoint: &str, session: &AcsSession) -> Result<Socket, DialError> {
        self.network.dial(self.host, endpoint, &session.query()).await
    }

    async fn open_tcs(&self, endpoint: &str, session: &TcsSession) -> Result<Socket, DialError> {
        self.network.dial(self.host, endpoint, &session.query()).await
    }
}
