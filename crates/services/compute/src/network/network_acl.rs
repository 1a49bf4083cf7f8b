//! A network ACL: the default one of a VPC, which lets everything through.

use berth_aws_api::ec2 as api;
use berth_model::Scope;

use super::{ANYWHERE, Subnet, Vpc, one};
use crate::filters::Facts;
use crate::ids::{IdKind, derived};
use crate::select::Resource;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkAcl {
    pub scope: Scope,
    pub id: String,
    pub vpc: String,
    /// By subnet: the association's id, and the subnet's.
    associations: Vec<(String, String)>,
}

/// AWS: everything is allowed, and what is left is denied, which nobody can change.
const ENTRIES: [(i32, api::RuleAction); 2] =
    [(100, api::RuleAction::Allow), (32767, api::RuleAction::Deny)];

impl NetworkAcl {
    pub(super) fn default_of(vpc: &Vpc, subnets: &[Subnet]) -> NetworkAcl {
        let associated =
            |subnet: &Subnet| (derived(&vpc.scope, "aclassoc", &subnet.id), subnet.id.clone());
        NetworkAcl {
            scope: vpc.scope.clone(),
            id: derived(&vpc.scope, "acl", "default"),
            vpc: vpc.id.clone(),
            associations: subnets.iter().map(associated).collect(),
        }
    }

    pub fn shown(self) -> api::NetworkAcl {
        let acl = self.id.clone();
        let association = |(id, subnet)| api::NetworkAclAssociation {
            network_acl_association_id: Some(id),
            network_acl_id: Some(acl.clone()),
            subnet_id: Some(subnet),
        };
        let entries = [true, false].into_iter().flat_map(|is_egress| {
            ENTRIES.into_iter().map(move |(number, action)| api::NetworkAclEntry {
                cidr_block: Some(ANYWHERE.to_owned()),
                egress: Some(is_egress),
                protocol: Some("-1".to_owned()),
                rule_action: Some(action),
                rule_number: Some(number),
                ..Default::default()
            })
        });
        api::NetworkAcl {
            entries: Some(entries.collect()),
            associations: Some(self.associations.into_iter().map(association).collect()),
            is_default: Some(true),
            network_acl_id: Some(self.id),
            owner_id: Some(self.scope.account.to_string()),
            tags: Some(Vec::new()),
            vpc_id: Some(self.vpc),
        }
    }
}

impl Resource for NetworkAcl {
    const IDS: IdKind = IdKind {
        prefix: "acl",
        noun: "networkAcl ID",
        malformed: None,
        not_found: api::Error::invalid_network_acl_id_not_found,
    };
    const FACTS: Facts<Self> = &[
        (&["association.association-id"], |acl| {
            acl.associations.iter().map(|(id, _)| id.clone()).collect()
        }),
        (&["association.network-acl-id"], |acl| one(&acl.id)),
        (&["association.subnet-id"], |acl| {
            acl.associations.iter().map(|(_, subnet)| subnet.clone()).collect()
        }),
        (&["default"], |_| one(true)),
        (&["entry.cidr"], |_| one(ANYWHERE)),
        (&["entry.egress"], |_| vec!["true".to_owned(), "false".to_owned()]),
        (&["entry.icmp.code"], |_| Vec::new()),
        (&["entry.icmp.type"], |_| Vec::new()),
        (&["entry.ipv6-cidr"], |_| Vec::new()),
        (&["entry.port-range.from"], |_| Vec::new()),
        (&["entry.port-range.to"], |_| Vec::new()),
        (&["entry.protocol"], |_| one("-1")),
        (&["entry.rule-action"], |_| {
            ENTRIES.iter().map(|(_, action)| action.as_str().to_owned()).collect()
        }),
        (&["entry.rule-number"], |_| {
            ENTRIES.iter().map(|(number, _)| number.to_string()).collect()
        }),
        (&["network-acl-id"], |acl| one(&acl.id)),
        (&["owner-id"], |acl| one(acl.scope.account)),
        (&["vpc-id"], |acl| one(&acl.vpc)),
    ];

    fn id(&self) -> &str {
        &self.id
    }
}
