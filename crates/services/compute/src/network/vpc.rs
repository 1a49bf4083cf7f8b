//! A VPC.

use berth_aws_api::ec2 as api;
use berth_model::Scope;

use super::one;
use crate::filters::Facts;
use crate::ids::{IdKind, derived};
use crate::select::Resource;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpc {
    pub scope: Scope,
    pub id: String,
    /// In CIDR notation.
    pub cidr: String,
    pub cidr_association: String,
    pub dhcp_options: String,
}

impl Vpc {
    pub(super) fn default_of(scope: &Scope) -> Vpc {
        Vpc {
            scope: scope.clone(),
            id: derived(scope, "vpc", "default"),
            cidr: "172.31.0.0/16".to_owned(),
            cidr_association: derived(scope, "vpc-cidr-assoc", "default"),
            dhcp_options: derived(scope, "dopt", "default"),
        }
    }

    pub fn shown(self) -> api::Vpc {
        let associated = api::VpcCidrBlockState {
            state: Some(api::VpcCidrBlockStateCode::Associated),
            status_message: None,
        };
        let association = api::VpcCidrBlockAssociation {
            association_id: Some(self.cidr_association),
            cidr_block: Some(self.cidr.clone()),
            cidr_block_state: Some(associated),
        };
        api::Vpc {
            block_public_access_states: Some(open()),
            cidr_block: Some(self.cidr),
            cidr_block_association_set: Some(vec![association]),
            dhcp_options_id: Some(self.dhcp_options),
            instance_tenancy: Some(api::Tenancy::Default),
            is_default: Some(true),
            owner_id: Some(self.scope.account.to_string()),
            state: Some(api::VpcState::Available),
            vpc_id: Some(self.id),
            ..Default::default()
        }
    }
}

/// Nothing keeps the internet out.
pub(super) fn open() -> api::BlockPublicAccessStates {
    api::BlockPublicAccessStates {
        internet_gateway_block_mode: Some(api::BlockPublicAccessMode::Off),
    }
}

impl Resource for Vpc {
    const IDS: IdKind = IdKind {
        prefix: "vpc",
        noun: "vpc ID",
        malformed: Some(api::Error::invalid_vpc_id_malformed),
        not_found: api::Error::invalid_vpc_id_not_found,
    };
    const FACTS: Facts<Self> = &[
        (&["cidr", "cidr-block", "cidrBlock"], |vpc| one(&vpc.cidr)),
        (&["cidr-block-association.association-id"], |vpc| one(&vpc.cidr_association)),
        (&["cidr-block-association.cidr-block"], |vpc| one(&vpc.cidr)),
        (&["cidr-block-association.state"], |_| one("associated")),
        (&["dhcp-options-id", "dhcpOptionsId"], |vpc| one(&vpc.dhcp_options)),
        (&["ipv6-cidr-block-association.association-id"], |_| Vec::new()),
        (&["ipv6-cidr-block-association.ipv6-cidr-block"], |_| Vec::new()),
        (&["ipv6-cidr-block-association.ipv6-pool"], |_| Vec::new()),
        (&["ipv6-cidr-block-association.state"], |_| Vec::new()),
        (&["is-default", "isDefault"], |_| one(true)),
        (&["owner-id"], |vpc| one(vpc.scope.account)),
        (&["state"], |_| one("available")),
        (&["vpc-id"], |vpc| one(&vpc.id)),
    ];

    fn id(&self) -> &str {
        &self.id
    }
}
