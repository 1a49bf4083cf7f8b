//! What the metrics of balancers are called: by CloudWatch, and here.
//!
//! CloudWatch's names in small letters, with `_total` where a number only grows. A group's `RequestCount` is called otherwise than its
//! balancer's, or sums would have both.

use berth_proxy::Census;

pub struct Metric {
    pub cloudwatch: &'static str,
    pub name: &'static str,
    pub help: &'static str,
    pub grows: bool,
}

/// How many targets of a group are in a state.
pub struct HostMetric {
    /// How resources of its balancers begin.
    pub kind: &'static str,
    pub name: &'static str,
    pub help: &'static str,
    pub count: fn(&Census) -> u32,
}

const fn grows(cloudwatch: &'static str, name: &'static str, help: &'static str) -> Metric {
    Metric { cloudwatch, name, help, grows: true }
}

const fn stands(cloudwatch: &'static str, name: &'static str, help: &'static str) -> Metric {
    Metric { cloudwatch, name, help, grows: false }
}

pub const RESPONSE_TIME: Metric = grows(
    "TargetResponseTime",
    "berth_applicationelb_target_response_time_seconds",
    "From a request that was sent to a target to the head of its answer",
);

pub const AUTH_LATENCY: Metric = grows(
    "ELBAuthLatency",
    "berth_applicationelb_elb_auth_latency_seconds",
    "How long issuers took to let users in",
);

/// Of an application balancer.
pub const APPLICATION: &[Metric] = &[
    grows(
        "RequestCount",
        "berth_applicationelb_request_count_total",
        "Requests for which a target could be chosen",
    ),
    grows(
        "NewConnectionCount",
        "berth_applicationelb_new_connection_count_total",
        "Connections from clients",
    ),
    stands(
        "ActiveConnectionCount",
        "berth_applicationelb_active_connection_count",
        "Connections that clients have now",
    ),
    grows(
        "RejectedConnectionCount",
        "berth_applicationelb_rejected_connection_count_total",
        "Connections for which there was no room",
    ),
    grows(
        "ProcessedBytes",
        "berth_applicationelb_processed_bytes_total",
        "Bytes of bodies and web sockets, in both directions",
    ),
    grows(
        "RuleEvaluations",
        "berth_applicationelb_rule_evaluations_total",
        "Rules that requests were compared with, one after the other",
    ),
    grows(
        "HTTP_Redirect_Count",
        "berth_applicationelb_http_redirect_count_total",
        "Requests that were redirected",
    ),
    grows(
        "HTTP_Fixed_Response_Count",
        "berth_applicationelb_http_fixed_response_count_total",
        "Requests that had a fixed response",
    ),
    grows(
        "HTTPCode_ELB_3XX_Count",
        "berth_applicationelb_httpcode_elb_3xx_count_total",
        "Redirects by the balancer",
    ),
    grows(
        "HTTPCode_ELB_4XX_Count",
        "berth_applicationelb_httpcode_elb_4xx_count_total",
        "Errors of clients, answered by the balancer",
    ),
    grows(
        "HTTPCode_ELB_5XX_Count",
        "berth_applicationelb_httpcode_elb_5xx_count_total",
        "Errors answered by the balancer in place of a target",
    ),
    grows(
        "HTTPCode_ELB_500_Count",
        "berth_applicationelb_httpcode_elb_500_count_total",
        "Of these, 500",
    ),
    grows(
        "HTTPCode_ELB_502_Count",
        "berth_applicationelb_httpcode_elb_502_count_total",
        "Of these, 502: a target broke off or answered nonsense",
    ),
    grows(
        "HTTPCode_ELB_503_Count",
        "berth_applicationelb_httpcode_elb_503_count_total",
        "Of these, 503: there was no target",
    ),
    grows(
        "HTTPCode_ELB_504_Count",
        "berth_applicationelb_httpcode_elb_504_count_total",
        "Of these, 504: a target took too long",
    ),
    grows(
        "ClientTLSNegotiationErrorCount",
        "berth_applicationelb_client_tls_negotiation_error_count_total",
        "Clients with whom no TLS could be agreed on",
    ),
    grows(
        "DesyncMitigationMode_NonCompliant_Request_Count",
        "berth_applicationelb_desync_mitigation_mode_non_compliant_request_count_total",
        "Requests that RFC 9112 does not allow",
    ),
    grows(
        "DroppedInvalidHeaderRequestCount",
        "berth_applicationelb_dropped_invalid_header_request_count_total",
        "Requests that lost headers whose names are no names",
    ),
    grows(
        "GrpcRequestCount",
        "berth_applicationelb_grpc_request_count_total",
        "Requests to groups that speak gRPC",
    ),
    grows("ELBAuthSuccess", "berth_applicationelb_elb_auth_success_total", "Users who logged in"),
    grows(
        "ELBAuthFailure",
        "berth_applicationelb_elb_auth_failure_total",
        "Users whom their issuer did not let in",
    ),
    grows(
        "ELBAuthError",
        "berth_applicationelb_elb_auth_error_total",
        "Logins that failed for another reason",
    ),
    grows(
        "ELBAuthRefreshTokenSuccess",
        "berth_applicationelb_elb_auth_refresh_token_success_total",
        "Sessions that were renewed by their issuer",
    ),
    grows(
        "ELBAuthUserClaimsSizeExceeded",
        "berth_applicationelb_elb_auth_user_claims_size_exceeded_total",
        "Users of whom more is told than a session has room for",
    ),
];

/// Of a target group behind one.
pub const GROUP: &[Metric] = &[
    grows(
        "RequestCount",
        "berth_applicationelb_target_request_count_total",
        "Requests that a target of the group was chosen for",
    ),
    grows(
        "HTTPCode_Target_2XX_Count",
        "berth_applicationelb_httpcode_target_2xx_count_total",
        "Answers of targets",
    ),
    grows(
        "HTTPCode_Target_3XX_Count",
        "berth_applicationelb_httpcode_target_3xx_count_total",
        "Answers of targets",
    ),
    grows(
        "HTTPCode_Target_4XX_Count",
        "berth_applicationelb_httpcode_target_4xx_count_total",
        "Answers of targets",
    ),
    grows(
        "HTTPCode_Target_5XX_Count",
        "berth_applicationelb_httpcode_target_5xx_count_total",
        "Answers of targets",
    ),
    grows(
        "TargetConnectionErrorCount",
        "berth_applicationelb_target_connection_error_count_total",
        "Targets that no connection could be made to, or that broke it off",
    ),
    grows(
        "TargetTLSNegotiationErrorCount",
        "berth_applicationelb_target_tls_negotiation_error_count_total",
        "Targets with which no TLS could be agreed on",
    ),
];

/// Of a network balancer.
pub const NETWORK: &[Metric] = &[
    stands("ActiveFlowCount", "berth_networkelb_active_flow_count", "Flows that are there now"),
    grows("NewFlowCount", "berth_networkelb_new_flow_count_total", "Flows that began"),
    grows("ProcessedBytes", "berth_networkelb_processed_bytes_total", "Bytes, in both directions"),
    grows(
        "ProcessedPackets",
        "berth_networkelb_processed_packets_total",
        "Datagrams, in both directions",
    ),
    grows(
        "RejectedFlowCount",
        "berth_networkelb_rejected_flow_count_total",
        "Flows for which there was no room or no target",
    ),
    grows(
        "TCP_Client_Reset_Count",
        "berth_networkelb_tcp_client_reset_count_total",
        "Connections that clients broke off",
    ),
    grows(
        "TCP_Target_Reset_Count",
        "berth_networkelb_tcp_target_reset_count_total",
        "Connections that targets broke off",
    ),
    grows(
        "TCP_ELB_Reset_Count",
        "berth_networkelb_tcp_elb_reset_count_total",
        "Connections that the balancer broke off",
    ),
    grows(
        "ClientTLSNegotiationErrorCount",
        "berth_networkelb_client_tls_negotiation_error_count_total",
        "Clients with whom no TLS could be agreed on",
    ),
    grows(
        "TargetTLSNegotiationErrorCount",
        "berth_networkelb_target_tls_negotiation_error_count_total",
        "Targets with which no TLS could be agreed on",
    ),
    stands("ActiveFlowCount_TCP", "berth_networkelb_active_flow_count_tcp", "Of TCP"),
    grows("NewFlowCount_TCP", "berth_networkelb_new_flow_count_tcp_total", "Of TCP"),
    grows("ProcessedBytes_TCP", "berth_networkelb_processed_bytes_tcp_total", "Of TCP"),
    stands("ActiveFlowCount_TLS", "berth_networkelb_active_flow_count_tls", "Of TLS"),
    grows("NewFlowCount_TLS", "berth_networkelb_new_flow_count_tls_total", "Of TLS"),
    grows("ProcessedBytes_TLS", "berth_networkelb_processed_bytes_tls_total", "Of TLS"),
    stands("ActiveFlowCount_UDP", "berth_networkelb_active_flow_count_udp", "Of UDP"),
    grows("NewFlowCount_UDP", "berth_networkelb_new_flow_count_udp_total", "Of UDP"),
    grows("ProcessedBytes_UDP", "berth_networkelb_processed_bytes_udp_total", "Of UDP"),
];

/// Of target groups behind either.
pub const HOSTS: &[HostMetric] = &[
    HostMetric {
        kind: "app/",
        name: "berth_applicationelb_healthy_host_count",
        help: "Targets that are healthy",
        count: |census| census.healthy,
    },
    HostMetric {
        kind: "app/",
        name: "berth_applicationelb_unhealthy_host_count",
        help: "Targets that are not, or not yet",
        count: |census| census.unhealthy,
    },
    HostMetric {
        kind: "app/",
        name: "berth_applicationelb_anomalous_host_count",
        help: "Targets that are healthy and fail far more often than others",
        count: |census| census.anomalous,
    },
    HostMetric {
        kind: "net/",
        name: "berth_networkelb_healthy_host_count",
        help: "Targets that are healthy",
        count: |census| census.healthy,
    },
    HostMetric {
        kind: "net/",
        name: "berth_networkelb_unhealthy_host_count",
        help: "Targets that are not, or not yet",
        count: |census| census.unhealthy,
    },
];
