//! The telemetry service: what containers and host use, and how well they are.

mod health;
mod instance_status;
mod metrics;
mod session;
mod signed;
mod statistics;

pub use health::*;
pub use instance_status::*;
pub use metrics::*;
pub use session::*;
pub use signed::SignedFrame;
pub use statistics::*;

use crate::frame::frames;

frames! {
    /// What the agent sends, without the signed header that goes before it.
    pub enum FromAgent {
        Metrics(PublishMetricsRequest),
        Health(PublishHealthRequest),
        InstanceStatus(PublishInstanceStatusRequest),
        Start(StartTelemetrySessionRequest),
    }
}

frames! {
    /// What the control plane sends.
    pub enum FromServer {
        AckMetrics(AckPublishMetric),
        AckHealth(AckPublishHealth),
        AckInstanceStatus(AckPublishInstanceStatus),
        Heartbeat(HeartbeatMessage),
        Stop(StopTelemetrySessionMessage),
    }
}

#[cfg(test)]
mod tests;
