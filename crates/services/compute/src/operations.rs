//! EC2's operations, one file each.

pub mod describe_account_attributes;
pub mod describe_availability_zones;
pub mod describe_internet_gateways;
pub mod describe_network_acls;
pub mod describe_network_interfaces;
pub mod describe_route_tables;
pub mod describe_security_group_rules;
pub mod describe_security_groups;
pub mod describe_subnets;
pub mod describe_vpc_attribute;
pub mod describe_vpcs;
