//! How often each call may be made.
//!
//! AWS tells no numbers for load balancing; these are of the size at which its clients are seen to be slowed down. A proxy
//! reports every few seconds and asks again after each change.

use berth_control::pipeline::throttle::Category;

/// Burst, and how many a second come back.
pub static ELB: &[Category] = &[
    Category::new(
        "Load balancing changes",
        (40, 10),
        &[
            "AddListenerCertificates",
            "AddTags",
            "AddTrustStoreRevocations",
            "CreateListener",
            "CreateLoadBalancer",
            "CreateRule",
            "CreateTargetGroup",
            "CreateTrustStore",
            "DeleteListener",
            "DeleteLoadBalancer",
            "DeleteRule",
            "DeleteSharedTrustStoreAssociation",
            "DeleteTargetGroup",
            "DeleteTrustStore",
            "ModifyCapacityReservation",
            "ModifyIpPools",
            "ModifyListener",
            "ModifyListenerAttributes",
            "ModifyLoadBalancerAttributes",
            "ModifyRule",
            "ModifyTargetGroup",
            "ModifyTargetGroupAttributes",
            "ModifyTrustStore",
            "RemoveListenerCertificates",
            "RemoveTags",
            "RemoveTrustStoreRevocations",
            "SetIpAddressType",
            "SetRulePriorities",
            "SetSecurityGroups",
            "SetSubnets",
        ],
    ),
    Category::new("Registrations", (100, 40), &["DeregisterTargets", "RegisterTargets"]),
    Category::new(
        "Load balancing reads",
        (100, 20),
        &[
            "DescribeAccountLimits",
            "DescribeCapacityReservation",
            "DescribeListenerAttributes",
            "DescribeListenerCertificates",
            "DescribeListeners",
            "DescribeLoadBalancerAddresses",
            "DescribeLoadBalancerAttributes",
            "DescribeLoadBalancers",
            "DescribeRules",
            "DescribeSSLPolicies",
            "DescribeTags",
            "DescribeTargetGroupAttributes",
            "DescribeTargetGroups",
            "DescribeTargetHealth",
            "DescribeTrustStoreAssociations",
            "DescribeTrustStoreRevocations",
            "DescribeTrustStores",
            "GetResourcePolicy",
            "GetTrustStoreCaCertificatesBundle",
            "GetTrustStoreRevocationContent",
        ],
    ),
    Category::new("Proxies", (100, 100), &["FetchProxyConfiguration", "ReportProxyFindings"]),
];
