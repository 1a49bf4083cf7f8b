//! The network of an account in a region.
//!
//! AWS: as a new account has it: a VPC of 172.31.0.0/16 with a subnet in each zone, a route table that leads to an internet
//! gateway, a network ACL that lets everything through, and a security group that lets its own members in.
//!
//! DEVIATES: it can be looked at, named by other services, and not changed. There are no other networks.

mod internet_gateway;
mod network_acl;
mod network_interface;
mod route_table;
mod security_group;
mod security_group_rule;
mod subnet;
mod vpc;

use berth_model::Scope;

pub use internet_gateway::InternetGateway;
pub use network_acl::NetworkAcl;
pub use network_interface::NetworkInterface;
pub use route_table::RouteTable;
pub use security_group::SecurityGroup;
pub use security_group_rule::{Peer, SecurityGroupRule};
pub use subnet::Subnet;
pub use vpc::Vpc;

use crate::ids::derived;
use crate::zones;

/// Everything, the same from everywhere.
const ANYWHERE: &str = "0.0.0.0/0";

pub struct Network {
    pub vpc: Vpc,
    pub subnets: Vec<Subnet>,
    pub security_group: SecurityGroup,
    pub route_table: RouteTable,
    pub internet_gateway: InternetGateway,
    pub network_acl: NetworkAcl,
}

impl Network {
    pub fn of(scope: &Scope) -> Network {
        let vpc = Vpc::default_of(scope);
        let zones = (0..).zip(zones::of(&scope.region));
        let subnets: Vec<Subnet> =
            zones.map(|(number, zone)| Subnet::default_of(&vpc, number, zone)).collect();
        let internet_gateway = InternetGateway {
            scope: scope.clone(),
            id: derived(scope, "igw", "default"),
            vpc: vpc.id.clone(),
        };
        Network {
            security_group: SecurityGroup::default_of(&vpc),
            route_table: RouteTable::main_of(&vpc, &internet_gateway),
            network_acl: NetworkAcl::default_of(&vpc, &subnets),
            internet_gateway,
            subnets,
            vpc,
        }
    }
}

/// What EC2 calls a thing in policies and answers.
fn arn(scope: &Scope, resource: &str) -> String {
    let Scope { partition, account, region } = scope;
    format!("arn:{partition}:ec2:{region}:{account}:{resource}")
}

/// A fact that is one text.
fn one(text: impl ToString) -> Vec<String> {
    vec![text.to_string()]
}
