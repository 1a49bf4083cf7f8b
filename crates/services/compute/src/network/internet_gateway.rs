//! An internet gateway: how a VPC reaches the rest of the world.

use berth_aws_api::ec2 as api;
use berth_model::Scope;

use super::one;
use crate::filters::Facts;
use crate::ids::IdKind;
use crate::select::Resource;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternetGateway {
    pub scope: Scope,
    pub id: String,
    /// The VPC that it is attached to.
    pub vpc: String,
}

/// AWS: an attached gateway is `available`, which is no status of the other attachments.
const ATTACHED: &str = "available";

impl InternetGateway {
    pub fn shown(self) -> api::InternetGateway {
        let attachment =
            api::InternetGatewayAttachment { state: Some(ATTACHED.into()), vpc_id: Some(self.vpc) };
        api::InternetGateway {
            attachments: Some(vec![attachment]),
            internet_gateway_id: Some(self.id),
            owner_id: Some(self.scope.account.to_string()),
            tags: Some(Vec::new()),
        }
    }
}

impl Resource for InternetGateway {
    const IDS: IdKind = IdKind {
        prefix: "igw",
        noun: "internetGateway ID",
        malformed: Some(api::Error::invalid_internet_gateway_id_malformed),
        not_found: api::Error::invalid_internet_gateway_id_not_found,
    };
    const FACTS: Facts<Self> = &[
        (&["attachment.state"], |_| one(ATTACHED)),
        (&["attachment.vpc-id"], |gateway| one(&gateway.vpc)),
        (&["internet-gateway-id"], |gateway| one(&gateway.id)),
        (&["owner-id"], |gateway| one(gateway.scope.account)),
    ];

    fn id(&self) -> &str {
        &self.id
    }
}
