//! A security group, with its rules.

use std::collections::BTreeMap;

use berth_aws_api::ec2 as api;
use berth_model::Scope;

use super::security_group_rule::ALL;
use super::{ANYWHERE, Peer, SecurityGroupRule, Vpc, arn, one};
use crate::filters::Facts;
use crate::ids::{IdKind, derived};
use crate::select::Resource;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityGroup {
    pub scope: Scope,
    pub id: String,
    pub name: String,
    pub description: String,
    pub vpc: String,
    pub rules: Vec<SecurityGroupRule>,
}

impl SecurityGroup {
    /// Its members may talk to everybody, and listen to each other.
    pub(super) fn default_of(vpc: &Vpc) -> SecurityGroup {
        let scope = &vpc.scope;
        let id = derived(scope, "sg", "default");
        let rule = |is_egress, what, peer| SecurityGroupRule {
            scope: scope.clone(),
            id: derived(scope, "sgr", what),
            group: id.clone(),
            is_egress,
            protocol: ALL.to_owned(),
            ports: None,
            peer,
        };
        SecurityGroup {
            scope: scope.clone(),
            name: "default".to_owned(),
            description: "default VPC security group".to_owned(),
            vpc: vpc.id.clone(),
            rules: vec![
                rule(false, "members", Peer::Group(id.clone())),
                rule(true, "everybody", Peer::Cidr(ANYWHERE.to_owned())),
            ],
            id,
        }
    }

    pub fn shown(self) -> api::SecurityGroup {
        api::SecurityGroup {
            description: Some(self.description.clone()),
            group_id: Some(self.id.clone()),
            group_name: Some(self.name.clone()),
            ip_permissions: Some(self.permissions(false)),
            ip_permissions_egress: Some(self.permissions(true)),
            owner_id: Some(self.scope.account.to_string()),
            security_group_arn: Some(arn(&self.scope, &format!("security-group/{}", self.id))),
            tags: None,
            vpc_id: Some(self.vpc),
        }
    }

    /// AWS: rules of one protocol and the same ports are one permission with several peers.
    fn permissions(&self, is_egress: bool) -> Vec<api::IpPermission> {
        let mut permissions = BTreeMap::new();
        for rule in self.rules(is_egress) {
            let of = (&rule.protocol, rule.ports);
            let permission = permissions.entry(of).or_insert_with(|| api::IpPermission {
                ip_protocol: Some(rule.protocol.clone()),
                from_port: rule.ports.map(|(from, _)| from),
                to_port: rule.ports.map(|(_, to)| to),
                ip_ranges: Some(Vec::new()),
                ipv6_ranges: Some(Vec::new()),
                prefix_list_ids: Some(Vec::new()),
                user_id_group_pairs: Some(Vec::new()),
            });
            let ranges = rule
                .peer
                .cidr()
                .map(|cidr| api::IpRange { cidr_ip: Some(cidr), description: None });
            let pairs = rule.peer.group().map(|group| api::UserIdGroupPair {
                group_id: Some(group),
                user_id: Some(self.scope.account.to_string()),
                ..Default::default()
            });
            permission.ip_ranges.get_or_insert_default().extend(ranges);
            permission.user_id_group_pairs.get_or_insert_default().extend(pairs);
        }
        permissions.into_values().collect()
    }

    fn rules(&self, is_egress: bool) -> impl Iterator<Item = &SecurityGroupRule> {
        self.rules.iter().filter(move |rule| rule.is_egress == is_egress)
    }

    fn ask<T: ToString>(
        &self,
        is_egress: bool,
        fact: impl Fn(&SecurityGroupRule) -> Option<T>,
    ) -> Vec<String> {
        self.rules(is_egress).filter_map(|rule| Some(fact(rule)?.to_string())).collect()
    }

    /// The account of groups that rules name.
    fn users(&self, is_egress: bool) -> Vec<String> {
        self.ask(is_egress, |rule| rule.peer.group().map(|_| self.scope.account))
    }

    /// The names of groups that rules name, which are this one.
    fn names(&self, is_egress: bool) -> Vec<String> {
        self.ask(is_egress, |rule| {
            rule.peer.group().filter(|id| *id == self.id).map(|_| &self.name)
        })
    }
}

impl Resource for SecurityGroup {
    const IDS: IdKind = IdKind {
        prefix: "sg",
        noun: "security group",
        malformed: Some(api::Error::invalid_group_id_malformed),
        not_found: api::Error::invalid_group_not_found,
    };
    const FACTS: Facts<Self> = &[
        (&["description"], |group| one(&group.description)),
        (&["egress.ip-permission.cidr"], |group| group.ask(true, |rule| rule.peer.cidr())),
        (&["egress.ip-permission.from-port"], |group| {
            group.ask(true, |rule| rule.ports.map(|(from, _)| from))
        }),
        (&["egress.ip-permission.group-id"], |group| group.ask(true, |rule| rule.peer.group())),
        (&["egress.ip-permission.group-name"], |group| group.names(true)),
        (&["egress.ip-permission.ipv6-cidr"], |_| Vec::new()),
        (&["egress.ip-permission.prefix-list-id"], |_| Vec::new()),
        (&["egress.ip-permission.protocol"], |group| {
            group.ask(true, |rule| Some(rule.protocol.clone()))
        }),
        (&["egress.ip-permission.to-port"], |group| {
            group.ask(true, |rule| rule.ports.map(|(_, to)| to))
        }),
        (&["egress.ip-permission.user-id"], |group| group.users(true)),
        (&["group-id"], |group| one(&group.id)),
        (&["group-name"], |group| one(&group.name)),
        (&["ip-permission.cidr"], |group| group.ask(false, |rule| rule.peer.cidr())),
        (&["ip-permission.from-port"], |group| {
            group.ask(false, |rule| rule.ports.map(|(from, _)| from))
        }),
        (&["ip-permission.group-id"], |group| group.ask(false, |rule| rule.peer.group())),
        (&["ip-permission.group-name"], |group| group.names(false)),
        (&["ip-permission.ipv6-cidr"], |_| Vec::new()),
        (&["ip-permission.prefix-list-id"], |_| Vec::new()),
        (&["ip-permission.protocol"], |group| group.ask(false, |rule| Some(rule.protocol.clone()))),
        (&["ip-permission.to-port"], |group| group.ask(false, |rule| rule.ports.map(|(_, to)| to))),
        (&["ip-permission.user-id"], |group| group.users(false)),
        (&["owner-id"], |group| one(group.scope.account)),
        (&["vpc-id"], |group| one(&group.vpc)),
    ];

    fn id(&self) -> &str {
        &self.id
    }
}
