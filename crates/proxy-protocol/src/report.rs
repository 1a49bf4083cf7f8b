//! What a proxy found out about targets.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// At least once in so long a proxy reports, if only that it lives. One that was silent for three times as long is counted
/// out.
pub const REPORT_EVERY: Duration = Duration::from_secs(10);

/// The health of targets that changed, or of all of them when a proxy begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The same for as long as the proxy lives.
    pub proxy: String,
    /// Whether what was reported before is void.
    pub is_whole: bool,
    pub targets: Vec<TargetHealth>,
    /// The ARNs of all balancers that it carries. `None`: as it said last; in a whole report, it does not say (older
    /// programs do not) and carries what there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Vec<String>>,
    /// All listeners that should be there and are not.
    #[serde(default)]
    pub listeners_down: Vec<ListenerDown>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListenerDown {
    /// Its ARN.
    pub listener: String,
    /// In words.
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetHealth {
    /// ARN of the target group.
    pub group: String,
    pub target: String,
    pub port: u16,
    pub state: HealthState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<HealthReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HealthState {
    Initial,
    Healthy,
    Unhealthy,
}

/// ELB's reason codes, of those that a check can find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HealthReason {
    #[serde(rename = "Elb.InitialHealthChecking")]
    InitialHealthChecking,
    #[serde(rename = "Elb.RegistrationInProgress")]
    RegistrationInProgress,
    #[serde(rename = "Elb.InternalError")]
    InternalError,
    #[serde(rename = "Target.ResponseCodeMismatch")]
    ResponseCodeMismatch,
    #[serde(rename = "Target.Timeout")]
    Timeout,
    #[serde(rename = "Target.FailedHealthChecks")]
    FailedHealthChecks,
}
