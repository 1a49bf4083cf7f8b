//! What was carried, counted under CloudWatch's names.
//!
//! Numbers only grow, but for those of what is there now; whoever reads them twice knows what happened between. They belong to
//! the proxy and outlive configurations.

mod histogram;
mod meter;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::group::Census;
pub use histogram::Histogram;
pub(crate) use histogram::Times;
pub use meter::Meter;

/// All counters, of balancers by resource and of target groups by resource and ARN.
#[derive(Default)]
pub(crate) struct Registry {
    balancers: Mutex<BTreeMap<String, Arc<BalancerCounters>>>,
    groups: Mutex<BTreeMap<(String, String), Arc<GroupCounters>>>,
    /// Of network balancers.
    flows: Mutex<BTreeMap<String, Arc<FlowCounters>>>,
}

/// What was counted until now, in this proxy's zone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counters {
    pub balancers: BTreeMap<String, Counted>,
    /// Of application balancers, by balancer and ARN of the target group.
    pub groups: BTreeMap<(String, String), Counted>,
    /// How many targets stand how now: by balancer, ARN of the target group, and the targets' zone.
    pub hosts: BTreeMap<(String, String, String), Census>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    /// By CloudWatch's name of the metric, all that there are. `ActiveConnectionCount` and `ActiveFlowCount` are of what is there now.
    pub metrics: BTreeMap<&'static str, u64>,
    /// `TargetResponseTime`; of balancers, that of all their groups.
    pub response_time: Histogram,
    /// `ELBAuthLatency`, of balancers: how long issuers took.
    pub auth_latency: Histogram,
}

impl Counters {
    /// Names of all that is counted, by what it is counted of.
    pub const OF_APPLICATION_BALANCERS: &[&str] = BalancerCounters::METRICS;
    pub const OF_NETWORK_BALANCERS: &[&str] = FlowCounters::METRICS;
    pub const OF_GROUPS: &[&str] = GroupCounters::METRICS;
}

/// Declares counters whose fields have metrics' names.
macro_rules! counters {
    ($(#[$doc:meta])* $name:ident { $($field:ident => $metric:literal,)* } $($times:ident)?) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(crate) struct $name {
            $(pub(crate) $field: Counter,)*
            $(pub(crate) $times: Times,)?
        }

        impl $name {
            const METRICS: &[&str] = &[$($metric,)*];

            fn counted(&self) -> Counted {
                let metrics = [$(($metric, self.$field.get()),)*];
                #[allow(unused_mut)]
                let mut counted = Counted::default();
                counted.metrics.extend(metrics);
                $(counted.$times = self.$times.histogram();)?
                counted
            }
        }
    };
}

counters! {
    /// Of one balancer.
    BalancerCounters {
        requests => "RequestCount",
        new_connections => "NewConnectionCount",
        active_connections => "ActiveConnectionCount",
        rejected_connections => "RejectedConnectionCount",
        processed_bytes => "ProcessedBytes",
        rules_evaluated => "RuleEvaluations",
        redirects => "HTTP_Redirect_Count",
        fixed_responses => "HTTP_Fixed_Response_Count",
        elb_3xx => "HTTPCode_ELB_3XX_Count",
        elb_4xx => "HTTPCode_ELB_4XX_Count",
        elb_5xx => "HTTPCode_ELB_5XX_Count",
        elb_500 => "HTTPCode_ELB_500_Count",
        elb_502 => "HTTPCode_ELB_502_Count",
        elb_503 => "HTTPCode_ELB_503_Count",
        elb_504 => "HTTPCode_ELB_504_Count",
        client_tls_errors => "ClientTLSNegotiationErrorCount",
        desync_requests => "DesyncMitigationMode_NonCompliant_Request_Count",
        dropped_headers => "DroppedInvalidHeaderRequestCount",
        grpc_requests => "GrpcRequestCount",
        auth_success => "ELBAuthSuccess",
        auth_failure => "ELBAuthFailure",
        auth_error => "ELBAuthError",
        auth_refresh_token_success => "ELBAuthRefreshTokenSuccess",
        auth_claims_too_large => "ELBAuthUserClaimsSizeExceeded",
    }
    auth_latency
}

counters! {
    /// Of one target group, behind one balancer.
    GroupCounters {
        requests => "RequestCount",
        target_2xx => "HTTPCode_Target_2XX_Count",
        target_3xx => "HTTPCode_Target_3XX_Count",
        target_4xx => "HTTPCode_Target_4XX_Count",
        target_5xx => "HTTPCode_Target_5XX_Count",
        connection_errors => "TargetConnectionErrorCount",
        tls_errors => "TargetTLSNegotiationErrorCount",
    }
    response_time
}

counters! {
    /// Of one network balancer: all its flows, and those of each kind.
    FlowCounters {
        active => "ActiveFlowCount",
        new => "NewFlowCount",
        bytes => "ProcessedBytes",
        packets => "ProcessedPackets",
        rejected => "RejectedFlowCount",
        client_resets => "TCP_Client_Reset_Count",
        target_resets => "TCP_Target_Reset_Count",
        own_resets => "TCP_ELB_Reset_Count",
        client_tls_errors => "ClientTLSNegotiationErrorCount",
        target_tls_errors => "TargetTLSNegotiationErrorCount",
        tcp_active => "ActiveFlowCount_TCP",
        tcp_new => "NewFlowCount_TCP",
        tcp_bytes => "ProcessedBytes_TCP",
        tls_active => "ActiveFlowCount_TLS",
        tls_new => "NewFlowCount_TLS",
        tls_bytes => "ProcessedBytes_TLS",
        udp_active => "ActiveFlowCount_UDP",
        udp_new => "NewFlowCount_UDP",
        udp_bytes => "ProcessedBytes_UDP",
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn one(&self) {
        self.add(1);
    }

    /// Of what is there now.
    pub(crate) fn one_less(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl BalancerCounters {
    /// An answer of the balancer's own.
    pub(crate) fn answered(&self, status: u16) {
        match status {
            300..=399 => self.elb_3xx.one(),
            400..=499 => self.elb_4xx.one(),
            500..=599 => self.elb_5xx.one(),
            _ => {}
        }
        match status {
            500 => self.elb_500.one(),
            502 => self.elb_502.one(),
            503 => self.elb_503.one(),
            504 => self.elb_504.one(),
            _ => {}
        }
    }
}

impl GroupCounters {
    /// An answer of a target's.
    pub(crate) fn answered(&self, status: u16) {
        match status {
            200..=299 => self.target_2xx.one(),
            300..=399 => self.target_3xx.one(),
            400..=499 => self.target_4xx.one(),
            500..=599 => self.target_5xx.one(),
            _ => {}
        }
    }
}

impl Registry {
    pub(crate) fn balancer(&self, resource: &str) -> Arc<BalancerCounters> {
        let mut balancers = self.balancers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(balancers.entry(resource.to_owned()).or_default())
    }

    pub(crate) fn group(&self, resource: &str, arn: &str) -> Arc<GroupCounters> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(groups.entry((resource.to_owned(), arn.to_owned())).or_default())
    }

    pub(crate) fn flows(&self, resource: &str) -> Arc<FlowCounters> {
        let mut flows = self.flows.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(flows.entry(resource.to_owned()).or_default())
    }

    pub(crate) fn counters(&self) -> Counters {
        let balancers = self.balancers.lock().unwrap_or_else(PoisonError::into_inner);
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counters = Counters {
            balancers: balancers.iter().map(|(name, it)| (name.clone(), it.counted())).collect(),
            groups: groups.iter().map(|(name, it)| (name.clone(), it.counted())).collect(),
            hosts: BTreeMap::new(),
        };
        let flows = self.flows.lock().unwrap_or_else(PoisonError::into_inner);
        counters.balancers.extend(flows.iter().map(|(name, it)| (name.clone(), it.counted())));
        for ((resource, _), group) in &counters.groups {
            if let Some(balancer) = counters.balancers.get_mut(resource) {
                balancer.response_time.add(&group.response_time);
            }
        }
        counters
    }

    /// Forgets what the configuration does not have any more: other balancers than these, and groups that these do not
    /// forward to.
    pub(crate) fn retain(
        &self,
        is_balancer: impl Fn(&str) -> bool,
        users: &BTreeSet<(String, String)>,
    ) {
        let mut balancers = self.balancers.lock().unwrap_or_else(PoisonError::into_inner);
        balancers.retain(|resource, _| is_balancer(resource));
        let mut flows = self.flows.lock().unwrap_or_else(PoisonError::into_inner);
        flows.retain(|resource, _| is_balancer(resource));
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        groups.retain(|pair, _| users.contains(pair));
    }
}
