//! Acknowledgements and heartbeats of a telemetry session.

use serde::{Deserialize, Serialize};

macro_rules! notices {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name {
            #[serde(skip_serializing_if = "Option::is_none")]
            pub message: Option<String>,
        }
    )+};
}

notices! {
    AckPublishMetric,
    AckPublishHealth,
    AckPublishInstanceStatus,
    /// The server wants no more telemetry on this socket.
    StopTelemetrySessionMessage,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HeartbeatMessage {
    pub healthy: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StartTelemetrySessionRequest {
    pub cluster: String,
    pub container_instance: String,
}
