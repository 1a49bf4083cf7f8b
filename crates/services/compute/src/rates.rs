//! How often each call may be made.
//!
//! AWS: EC2's developer guide, "Request throttling": descriptions without filters or pages are dearer there; here they
//! are not.

use berth_control::pipeline::throttle::Category;

/// Burst, and how many a second come back.
pub static EC2: &[Category] = &[Category::new(
    "Non-mutating actions",
    (100, 20),
    &[
        "DescribeAccountAttributes",
        "DescribeAvailabilityZones",
        "DescribeInternetGateways",
        "DescribeNetworkAcls",
        "DescribeNetworkInterfaces",
        "DescribeRouteTables",
        "DescribeSecurityGroupRules",
        "DescribeSecurityGroups",
        "DescribeSubnets",
        "DescribeVpcAttribute",
        "DescribeVpcs",
    ],
)];
