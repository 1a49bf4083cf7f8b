//! Which function serves which operation of EC2.

use std::sync::Arc;

use berth_aws_api::ec2::ops;
use berth_control::pipeline::{Service, ServiceBuilder};

use crate::operations::*;
use crate::service::Compute;
use crate::{access, rates};

pub fn service(compute: &Arc<Compute>) -> Service {
    ServiceBuilder::new(compute.clone(), access::table())
        .rates(rates::EC2)
        .operation::<ops::DescribeAccountAttributes, _, _>(
            describe_account_attributes::describe_account_attributes,
        )
        .operation::<ops::DescribeAvailabilityZones, _, _>(
            describe_availability_zones::describe_availability_zones,
        )
        .operation::<ops::DescribeInternetGateways, _, _>(
            describe_internet_gateways::describe_internet_gateways,
        )
        .operation::<ops::DescribeNetworkAcls, _, _>(describe_network_acls::describe_network_acls)
        .operation::<ops::DescribeNetworkInterfaces, _, _>(
            describe_network_interfaces::describe_network_interfaces,
        )
        .operation::<ops::DescribeRouteTables, _, _>(describe_route_tables::describe_route_tables)
        .operation::<ops::DescribeSecurityGroupRules, _, _>(
            describe_security_group_rules::describe_security_group_rules,
        )
        .operation::<ops::DescribeSecurityGroups, _, _>(
            describe_security_groups::describe_security_groups,
        )
        .operation::<ops::DescribeSubnets, _, _>(describe_subnets::describe_subnets)
        .operation::<ops::DescribeVpcAttribute, _, _>(
            describe_vpc_attribute::describe_vpc_attribute,
        )
        .operation::<ops::DescribeVpcs, _, _>(describe_vpcs::describe_vpcs)
        .into()
}
