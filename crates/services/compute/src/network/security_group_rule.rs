//! One rule of a security group: whom its members may talk to, or who to them.

use berth_aws_api::ec2 as api;
use berth_model::Scope;

use super::{arn, one};
use crate::filters::Facts;
use crate::ids::IdKind;
use crate::select::Resource;

/// AWS: every protocol, and every port of it.
pub const ALL: &str = "-1";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityGroupRule {
    pub scope: Scope,
    pub id: String,
    pub group: String,
    pub is_egress: bool,
    /// `tcp`, `udp`, `icmp`, a number, or [`ALL`].
    pub protocol: String,
    /// From and to; `None` if the protocol has none, or all are meant.
    pub ports: Option<(i32, i32)>,
    pub peer: Peer,
}

/// The other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// In CIDR notation.
    Cidr(String),
    Group(String),
}

impl Peer {
    pub fn cidr(&self) -> Option<String> {
        match self {
            Peer::Cidr(cidr) => Some(cidr.clone()),
            Peer::Group(_) => None,
        }
    }

    pub fn group(&self) -> Option<String> {
        match self {
            Peer::Cidr(_) => None,
            Peer::Group(group) => Some(group.clone()),
        }
    }
}

impl SecurityGroupRule {
    pub fn shown(self) -> api::SecurityGroupRule {
        let account = self.scope.account.to_string();
        // AWS: all ports are from -1 to -1 here, and are left out of a group's permissions.
        let (from, to) = self.ports.unwrap_or((-1, -1));
        let referenced = self.peer.group().map(|group| api::ReferencedSecurityGroup {
            group_id: Some(group),
            user_id: Some(account.clone()),
            ..Default::default()
        });
        api::SecurityGroupRule {
            cidr_ipv4: self.peer.cidr(),
            from_port: Some(from),
            group_id: Some(self.group),
            group_owner_id: Some(account),
            ip_protocol: Some(self.protocol),
            is_egress: Some(self.is_egress),
            referenced_group_info: referenced,
            security_group_rule_arn: Some(arn(
                &self.scope,
                &format!("security-group-rule/{}", self.id),
            )),
            security_group_rule_id: Some(self.id),
            tags: Some(Vec::new()),
            to_port: Some(to),
            ..Default::default()
        }
    }
}

impl Resource for SecurityGroupRule {
    const IDS: IdKind = IdKind {
        prefix: "sgr",
        noun: "security group rule ID",
        malformed: Some(api::Error::invalid_security_group_rule_id_malformed),
        not_found: api::Error::invalid_security_group_rule_id_not_found,
    };
    const FACTS: Facts<Self> = &[
        (&["group-id"], |rule| one(&rule.group)),
        (&["security-group-rule-id"], |rule| one(&rule.id)),
    ];

    fn id(&self) -> &str {
        &self.id
    }
}
