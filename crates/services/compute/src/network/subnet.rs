//! A subnet: a part of a VPC in one zone.

use berth_aws_api::ec2 as api;

use super::vpc::open;
use super::{Vpc, arn, one};
use crate::filters::Facts;
use crate::ids::{IdKind, derived};
use crate::select::Resource;
use crate::zones::Zone;
use berth_model::Scope;

/// AWS: of the 4,096 addresses of a default subnet, five are the network's own.
const ADDRESSES: i32 = 4091;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    pub scope: Scope,
    pub id: String,
    pub vpc: String,
    pub zone: Zone,
    /// In CIDR notation.
    pub cidr: String,
}

impl Subnet {
    pub(super) fn default_of(vpc: &Vpc, number: u8, zone: Zone) -> Subnet {
        Subnet {
            scope: vpc.scope.clone(),
            id: derived(&vpc.scope, "subnet", &zone.name),
            vpc: vpc.id.clone(),
            zone,
            cidr: format!("172.31.{}.0/20", 16 * number),
        }
    }

    pub fn arn(&self) -> String {
        arn(&self.scope, &format!("subnet/{}", self.id))
    }

    pub fn shown(self) -> api::Subnet {
        api::Subnet {
            assign_ipv6_address_on_creation: Some(false),
            availability_zone: Some(self.zone.name.clone()),
            availability_zone_id: Some(self.zone.id.clone()),
            available_ip_address_count: Some(ADDRESSES),
            block_public_access_states: Some(open()),
            cidr_block: Some(self.cidr.clone()),
            default_for_az: Some(true),
            enable_dns64: Some(false),
            ipv6_cidr_block_association_set: Some(Vec::new()),
            ipv6_native: Some(false),
            map_customer_owned_ip_on_launch: Some(false),
            map_public_ip_on_launch: Some(true),
            owner_id: Some(self.scope.account.to_string()),
            private_dns_name_options_on_launch: Some(api::PrivateDnsNameOptionsOnLaunch {
                hostname_type: Some(api::HostnameType::IpName),
                enable_resource_name_dns_a_record: Some(false),
                enable_resource_name_dns_aaaa_record: Some(false),
            }),
            state: Some(api::SubnetState::Available),
            subnet_arn: Some(self.arn()),
            subnet_id: Some(self.id),
            vpc_id: Some(self.vpc),
            ..Default::default()
        }
    }
}

impl Resource for Subnet {
    const IDS: IdKind = IdKind {
        prefix: "subnet",
        noun: "subnet ID",
        malformed: Some(api::Error::invalid_subnet_id_malformed),
        not_found: api::Error::invalid_subnet_id_not_found,
    };
    const FACTS: Facts<Self> = &[
        (&["availability-zone", "availabilityZone"], |subnet| one(&subnet.zone.name)),
        (&["availability-zone-id", "availabilityZoneId"], |subnet| one(&subnet.zone.id)),
        (&["available-ip-address-count"], |_| one(ADDRESSES)),
        (&["cidr-block", "cidr", "cidrBlock"], |subnet| one(&subnet.cidr)),
        (&["customer-owned-ipv4-pool"], |_| Vec::new()),
        (&["default-for-az", "defaultForAz"], |_| one(true)),
        (&["enable-dns64"], |_| one(false)),
        (&["enable-lni-at-device-index"], |_| Vec::new()),
        (&["ipv6-cidr-block-association.association-id"], |_| Vec::new()),
        (&["ipv6-cidr-block-association.ipv6-cidr-block"], |_| Vec::new()),
        (&["ipv6-cidr-block-association.state"], |_| Vec::new()),
        (&["ipv6-native"], |_| one(false)),
        (&["map-customer-owned-ip-on-launch"], |_| one(false)),
        (&["map-public-ip-on-launch"], |_| one(true)),
        (&["outpost-arn"], |_| Vec::new()),
        (&["owner-id"], |subnet| one(subnet.scope.account)),
        (&["private-dns-name-options-on-launch.enable-resource-name-dns-a-record"], |_| one(false)),
        (&["private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record"], |_| {
            one(false)
        }),
        (&["private-dns-name-options-on-launch.hostname-type"], |_| one("ip-name")),
        (&["state"], |_| one("available")),
        (&["subnet-arn"], |subnet| one(subnet.arn())),
        (&["subnet-id"], |subnet| one(&subnet.id)),
        (&["vpc-id"], |subnet| one(&subnet.vpc)),
    ];

    fn id(&self) -> &str {
        &self.id
    }
}
