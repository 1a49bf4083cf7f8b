//! A route table: the main one of a VPC, which every subnet without another uses.

use berth_aws_api::ec2 as api;
use berth_model::Scope;

use super::{ANYWHERE, InternetGateway, Vpc, one};
use crate::filters::Facts;
use crate::ids::{IdKind, derived};
use crate::select::Resource;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTable {
    pub scope: Scope,
    pub id: String,
    pub association: String,
    pub vpc: String,
    routes: [Route; 2],
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Route {
    /// In CIDR notation.
    destination: String,
    /// An internet gateway, or `local`: the VPC itself.
    gateway: String,
    origin: api::RouteOrigin,
}

impl RouteTable {
    pub(super) fn main_of(vpc: &Vpc, gateway: &InternetGateway) -> RouteTable {
        let route = |destination: &str, gateway: &str, origin| Route {
            destination: destination.to_owned(),
            gateway: gateway.to_owned(),
            origin,
        };
        RouteTable {
            scope: vpc.scope.clone(),
            id: derived(&vpc.scope, "rtb", "default"),
            association: derived(&vpc.scope, "rtbassoc", "default"),
            vpc: vpc.id.clone(),
            routes: [
                route(&vpc.cidr, "local", api::RouteOrigin::CreateRouteTable),
                route(ANYWHERE, &gateway.id, api::RouteOrigin::CreateRoute),
            ],
        }
    }

    pub fn shown(self) -> api::RouteTable {
        let association = api::RouteTableAssociation {
            association_state: Some(api::RouteTableAssociationState {
                state: Some(api::RouteTableAssociationStateCode::Associated),
                status_message: None,
            }),
            main: Some(true),
            route_table_association_id: Some(self.association),
            route_table_id: Some(self.id.clone()),
            ..Default::default()
        };
        let route = |route: Route| api::Route {
            destination_cidr_block: Some(route.destination),
            gateway_id: Some(route.gateway),
            origin: Some(route.origin),
            state: Some(api::RouteState::Active),
            ..Default::default()
        };
        api::RouteTable {
            associations: Some(vec![association]),
            owner_id: Some(self.scope.account.to_string()),
            propagating_vgws: Some(Vec::new()),
            route_table_id: Some(self.id),
            routes: Some(self.routes.into_iter().map(route).collect()),
            tags: Some(Vec::new()),
            vpc_id: Some(self.vpc),
        }
    }

    fn ask(&self, fact: impl Fn(&Route) -> &str) -> Vec<String> {
        self.routes.iter().map(|route| fact(route).to_owned()).collect()
    }
}

impl Resource for RouteTable {
    const IDS: IdKind = IdKind {
        prefix: "rtb",
        noun: "routeTable ID",
        malformed: Some(api::Error::invalid_route_table_id_malformed),
        not_found: api::Error::invalid_route_table_id_not_found,
    };
    const FACTS: Facts<Self> = &[
        (&["association.gateway-id"], |_| Vec::new()),
        (&["association.main"], |_| one(true)),
        (&["association.route-table-association-id"], |table| one(&table.association)),
        (&["association.route-table-id"], |table| one(&table.id)),
        // AWS: subnets that use the main table because they have no other are not associated with it.
        (&["association.subnet-id"], |_| Vec::new()),
        (&["owner-id"], |table| one(table.scope.account)),
        (&["route-table-id"], |table| one(&table.id)),
        (&["route.destination-cidr-block"], |table| table.ask(|route| &route.destination)),
        (&["route.destination-ipv6-cidr-block"], |_| Vec::new()),
        (&["route.destination-prefix-list-id"], |_| Vec::new()),
        (&["route.egress-only-internet-gateway-id"], |_| Vec::new()),
        (&["route.gateway-id"], |table| table.ask(|route| &route.gateway)),
        (&["route.instance-id"], |_| Vec::new()),
        (&["route.nat-gateway-id"], |_| Vec::new()),
        (&["route.origin"], |table| table.ask(|route| route.origin.as_str())),
        (&["route.state"], |_| one("active")),
        (&["route.transit-gateway-id"], |_| Vec::new()),
        (&["route.vpc-peering-connection-id"], |_| Vec::new()),
        (&["vpc-id"], |table| one(&table.vpc)),
    ];

    fn id(&self) -> &str {
        &self.id
    }
}
