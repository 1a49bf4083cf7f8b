//! Which function serves which operation of ELBv2, and which path of ours.

use std::sync::Arc;

use berth_aws_api::elbv2::ops;
use berth_control::pipeline::{Service, ServiceBuilder};
use berth_proxy_protocol::{CONFIGURATION_PATH, REPORT_PATH};
use http::Method;

use crate::access;
use crate::addresses;
use crate::exchange;
use crate::operations::*;
use crate::public_keys::{PUBLIC_KEYS_PATH, PublicKeys};
use crate::rates;
use crate::service::Balancing;

type Builder = ServiceBuilder<Balancing>;

pub fn service(balancing: &Arc<Balancing>) -> Service {
    let registrations: [fn(Builder) -> Builder; 6] =
        [load_balancers, target_groups, listeners, rules, trust_stores, the_rest];
    let builder = ServiceBuilder::new(balancing.clone(), access::table()).rates(rates::ELB);
    registrations
        .into_iter()
        .fold(builder, |builder, register| register(builder))
        .signed_route(Method::GET, CONFIGURATION_PATH, exchange::configuration)
        .signed_route(Method::POST, REPORT_PATH, exchange::report)
        .signed_route(Method::GET, addresses::PATH, addresses::addresses)
        .route(Method::GET, PUBLIC_KEYS_PATH, PublicKeys::of(balancing))
        .into()
}

fn load_balancers(builder: Builder) -> Builder {
    builder
        .operation::<ops::CreateLoadBalancer, _, _>(create_load_balancer::create_load_balancer)
        .operation::<ops::DeleteLoadBalancer, _, _>(delete_load_balancer::delete_load_balancer)
        .operation::<ops::DescribeCapacityReservation, _, _>(
            describe_capacity_reservation::describe_capacity_reservation,
        )
        .operation::<ops::DescribeLoadBalancerAttributes, _, _>(
            describe_load_balancer_attributes::describe_load_balancer_attributes,
        )
        .operation::<ops::DescribeLoadBalancers, _, _>(
            describe_load_balancers::describe_load_balancers,
        )
        .operation::<ops::ModifyCapacityReservation, _, _>(
            modify_capacity_reservation::modify_capacity_reservation,
        )
        .operation::<ops::ModifyIpPools, _, _>(modify_ip_pools::modify_ip_pools)
        .operation::<ops::ModifyLoadBalancerAttributes, _, _>(
            modify_load_balancer_attributes::modify_load_balancer_attributes,
        )
        .operation::<ops::SetIpAddressType, _, _>(set_ip_address_type::set_ip_address_type)
        .operation::<ops::SetSecurityGroups, _, _>(set_security_groups::set_security_groups)
        .operation::<ops::SetSubnets, _, _>(set_subnets::set_subnets)
}

fn target_groups(builder: Builder) -> Builder {
    builder
        .operation::<ops::CreateTargetGroup, _, _>(create_target_group::create_target_group)
        .operation::<ops::DeleteTargetGroup, _, _>(delete_target_group::delete_target_group)
        .operation::<ops::DeregisterTargets, _, _>(deregister_targets::deregister_targets)
        .operation::<ops::DescribeTargetGroupAttributes, _, _>(
            describe_target_group_attributes::describe_target_group_attributes,
        )
        .operation::<ops::DescribeTargetGroups, _, _>(
            describe_target_groups::describe_target_groups,
        )
        .operation::<ops::DescribeTargetHealth, _, _>(
            describe_target_health::describe_target_health,
        )
        .operation::<ops::ModifyTargetGroup, _, _>(modify_target_group::modify_target_group)
        .operation::<ops::ModifyTargetGroupAttributes, _, _>(
            modify_target_group_attributes::modify_target_group_attributes,
        )
        .operation::<ops::RegisterTargets, _, _>(register_targets::register_targets)
}

fn listeners(builder: Builder) -> Builder {
    builder
        .operation::<ops::AddListenerCertificates, _, _>(
            add_listener_certificates::add_listener_certificates,
        )
        .operation::<ops::CreateListener, _, _>(create_listener::create_listener)
        .operation::<ops::DeleteListener, _, _>(delete_listener::delete_listener)
        .operation::<ops::DescribeListenerAttributes, _, _>(
            describe_listener_attributes::describe_listener_attributes,
        )
        .operation::<ops::DescribeListenerCertificates, _, _>(
            describe_listener_certificates::describe_listener_certificates,
        )
        .operation::<ops::DescribeListeners, _, _>(describe_listeners::describe_listeners)
        .operation::<ops::ModifyListener, _, _>(modify_listener::modify_listener)
        .operation::<ops::ModifyListenerAttributes, _, _>(
            modify_listener_attributes::modify_listener_attributes,
        )
        .operation::<ops::RemoveListenerCertificates, _, _>(
            remove_listener_certificates::remove_listener_certificates,
        )
}

fn rules(builder: Builder) -> Builder {
    builder
        .operation::<ops::CreateRule, _, _>(create_rule::create_rule)
        .operation::<ops::DeleteRule, _, _>(delete_rule::delete_rule)
        .operation::<ops::DescribeRules, _, _>(describe_rules::describe_rules)
        .operation::<ops::ModifyRule, _, _>(modify_rule::modify_rule)
        .operation::<ops::SetRulePriorities, _, _>(set_rule_priorities::set_rule_priorities)
}

fn trust_stores(builder: Builder) -> Builder {
    builder
        .operation::<ops::AddTrustStoreRevocations, _, _>(
            add_trust_store_revocations::add_trust_store_revocations,
        )
        .operation::<ops::CreateTrustStore, _, _>(create_trust_store::create_trust_store)
        .operation::<ops::DeleteSharedTrustStoreAssociation, _, _>(
            delete_shared_trust_store_association::delete_shared_trust_store_association,
        )
        .operation::<ops::DeleteTrustStore, _, _>(delete_trust_store::delete_trust_store)
        .operation::<ops::DescribeTrustStoreAssociations, _, _>(
            describe_trust_store_associations::describe_trust_store_associations,
        )
        .operation::<ops::DescribeTrustStoreRevocations, _, _>(
            describe_trust_store_revocations::describe_trust_store_revocations,
        )
        .operation::<ops::DescribeTrustStores, _, _>(describe_trust_stores::describe_trust_stores)
        .operation::<ops::GetTrustStoreCaCertificatesBundle, _, _>(
            get_trust_store_ca_certificates_bundle::get_trust_store_ca_certificates_bundle,
        )
        .operation::<ops::GetTrustStoreRevocationContent, _, _>(
            get_trust_store_revocation_content::get_trust_store_revocation_content,
        )
        .operation::<ops::ModifyTrustStore, _, _>(modify_trust_store::modify_trust_store)
        .operation::<ops::RemoveTrustStoreRevocations, _, _>(
            remove_trust_store_revocations::remove_trust_store_revocations,
        )
}

fn the_rest(builder: Builder) -> Builder {
    builder
        .operation::<ops::AddTags, _, _>(add_tags::add_tags)
        .operation::<ops::DescribeAccountLimits, _, _>(
            describe_account_limits::describe_account_limits,
        )
        .operation::<ops::DescribeSSLPolicies, _, _>(describe_ssl_policies::describe_ssl_policies)
        .operation::<ops::DescribeTags, _, _>(describe_tags::describe_tags)
        .operation::<ops::GetResourcePolicy, _, _>(get_resource_policy::get_resource_policy)
        .operation::<ops::RemoveTags, _, _>(remove_tags::remove_tags)
}
