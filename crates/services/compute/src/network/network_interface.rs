//! A network interface. There are none yet: nothing that has one can be made.
//!
//! DEVIATES: load balancers have no interfaces of their own; on AWS they have one in each subnet. Terraform waits for those
//! to go when a balancer is deleted, and is told at once that there are none.

use berth_aws_api::ec2 as api;

use crate::filters::Facts;
use crate::ids::IdKind;
use crate::select::Resource;

pub enum NetworkInterface {}

impl NetworkInterface {
    pub fn shown(self) -> api::NetworkInterface {
        match self {}
    }

    fn nothing(&self) -> Vec<String> {
        match *self {}
    }
}

impl Resource for NetworkInterface {
    const IDS: IdKind = IdKind {
        prefix: "eni",
        noun: "networkInterface ID",
        malformed: Some(api::Error::invalid_network_interface_id_malformed),
        not_found: api::Error::invalid_network_interface_id_not_found,
    };
    const FACTS: Facts<Self> = &[(
        &[
            "addresses.association.owner-id",
            "addresses.association.public-ip",
            "addresses.primary",
            "addresses.private-ip-address",
            "association.allocation-id",
            "association.association-id",
            "association.ip-owner-id",
            "association.public-dns-name",
            "association.public-ip",
            "attachment.attach-time",
            "attachment.attachment-id",
            "attachment.delete-on-termination",
            "attachment.device-index",
            "attachment.instance-id",
            "attachment.instance-owner-id",
            "attachment.nat-gateway-id",
            "attachment.status",
            "availability-zone",
            "availability-zone-id",
            "description",
            "group-id",
            "group-name",
            "interface-type",
            "ipv6-addresses.ipv6-address",
            "mac-address",
            "network-interface-id",
            "operator.managed",
            "operator.principal",
            "owner-id",
            "private-dns-name",
            "private-ip-address",
            "requester-id",
            "requester-managed",
            "source-dest-check",
            "status",
            "subnet-id",
            "vpc-id",
        ],
        Self::nothing,
    )];

    fn id(&self) -> &str {
        match *self {}
    }
}
