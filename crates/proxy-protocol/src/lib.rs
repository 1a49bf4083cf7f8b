//! What the control plane tells its proxies, and what they tell it: calls of Berth's own, plain JSON (ADR 28).
//!
//! A [`Configuration`] is whole: whoever has the newest one needs nothing else to carry traffic, and a proxy that
//! cannot reach the control plane goes on with the last. All names are ARNs, which mean nothing to a proxy.

mod action;
mod balancer;
mod condition;
mod report;
mod secret;
mod target_group;

use serde::{Deserialize, Serialize};

pub use action::{
    Action, FixedResponse, Forward, OnUnauthenticated, OpenIdConnect, Redirect, Rewrite, Transform,
    WeightedGroup,
};
pub use balancer::{
    AlpnPolicy, AuthenticationKeys, Balancer, BalancerAttributes, BalancerKind, Certificate,
    ClientAuthentication, DesyncMitigation, ForwardedFor, HeaderNames, Listener,
    ListenerAttributes, ListenerProtocol, Rule, SecurityPolicy, TrustStore,
};
pub use condition::{Condition, Pattern, QueryPattern};
pub use report::{HealthReason, HealthState, ListenerDown, REPORT_EVERY, Report, TargetHealth};
pub use secret::Secret;
pub use target_group::{
    Algorithm, GroupAttributes, GroupProtocol, HealthCheck, HealthProtocol, HttpVersion, Matcher,
    Stickiness, Target, TargetGroup,
};

/// Asked with GET and `?after=REVISION`: answers once there is another configuration, or with 304 after a while. Without
/// `after`, at once.
pub const CONFIGURATION_PATH: &str = "/_berth/balancing/configuration";
/// A [`Report`] is sent here with POST, once in [`REPORT_EVERY`] at least. 204 is the answer, or 409 to a proxy that is not
/// known (any more) and did not send a whole one: it is to send that.
pub const REPORT_PATH: &str = "/_berth/balancing/report";

/// All that a proxy does. Whatever is missing in a newer one is ended, gracefully.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Configuration {
    /// Of all that is said below: another one if any of it is another, whichever server answers. Says nothing of which is
    /// newer.
    pub revision: u64,
    pub balancers: Vec<Balancer>,
    /// Those that rules forward to.
    pub target_groups: Vec<TargetGroup>,
    pub certificates: Vec<Certificate>,
    pub trust_stores: Vec<TrustStore>,
}
