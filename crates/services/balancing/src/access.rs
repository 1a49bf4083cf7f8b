//! What each call wants: nearly always one thing by its ARN. Descriptions are of no resource in particular, as on AWS.

use berth_aws_api::elbv2 as api;
use berth_aws_api::elbv2::ops;
use berth_control::pipeline::access::{AccessTable, Asking, Keys, Resource};
use berth_model::Tags;
use berth_proxy_protocol::{CONFIGURATION_PATH, REPORT_PATH};

use crate::addresses;
use crate::arns;
use crate::exchange::{FETCH, REPORT};
use crate::service::Balancing;
use crate::tagging;

type Ask<'a> = Asking<'a, Balancing>;

pub fn table() -> AccessTable<Balancing> {
    of_nothing()
        .and(of_balancers())
        .and(of_groups())
        .and(of_listeners())
        .and(of_rules())
        .and(of_trust_stores())
        .and(of_tags())
        .path(CONFIGURATION_PATH, FETCH, |_, _| {})
        .path(REPORT_PATH, REPORT, |_, _| {})
        .path(addresses::PATH, addresses::ACTION, |_, _| {})
}

fn empty() -> AccessTable<Balancing> {
    AccessTable::new("elasticloadbalancing")
}

fn of_nothing() -> AccessTable<Balancing> {
    empty()
        .operation::<ops::DescribeAccountLimits>(|_, _| {})
        .operation::<ops::DescribeCapacityReservation>(|_, _| {})
        .operation::<ops::DescribeListenerAttributes>(|_, _| {})
        .operation::<ops::DescribeListenerCertificates>(|_, _| {})
        .operation::<ops::DescribeListeners>(|_, _| {})
        .operation::<ops::DescribeLoadBalancerAttributes>(|_, _| {})
        .operation::<ops::DescribeLoadBalancers>(|_, _| {})
        .operation::<ops::DescribeRules>(|_, _| {})
        .operation::<ops::DescribeSSLPolicies>(|_, _| {})
        .operation::<ops::DescribeTags>(|_, _| {})
        .operation::<ops::DescribeTargetGroupAttributes>(|_, _| {})
        .operation::<ops::DescribeTargetGroups>(|_, _| {})
        .operation::<ops::DescribeTargetHealth>(|_, _| {})
        .operation::<ops::DescribeTrustStoreAssociations>(|_, _| {})
        .operation::<ops::DescribeTrustStoreRevocations>(|_, _| {})
        .operation::<ops::DescribeTrustStores>(|_, _| {})
}

fn of_balancers() -> AccessTable<Balancing> {
    empty()
        .operation::<ops::CreateLoadBalancer>(|ask, input| {
            let kind = match input.r#type {
                Some(api::LoadBalancerTypeEnum::Network) => "net",
                _ => "app",
            };
            let name = input.name.as_deref().unwrap_or_default();
            let made = format!("loadbalancer/{kind}/{name}/{UNKNOWN}");
            made_with(ask, &made, "CreateLoadBalancer", &input.tags);
            let scheme = input.scheme.as_ref().map_or("internet-facing", |scheme| scheme.as_str());
            ask.wants.key("elasticloadbalancing:Scheme", scheme);
            let mapped = input.subnet_mappings.iter().flatten();
            let mapped = mapped.filter_map(|mapping| mapping.subnet_id.clone());
            let subnets: Vec<String> =
                input.subnets.iter().flatten().cloned().chain(mapped).collect();
            placed(ask, subnets, &input.security_groups);
        })
        .operation::<ops::DeleteLoadBalancer>(|ask, input| thing(ask, &input.load_balancer_arn))
        .operation::<ops::ModifyCapacityReservation>(|ask, input| {
            thing(ask, &input.load_balancer_arn)
        })
        .operation::<ops::ModifyIpPools>(|ask, input| thing(ask, &input.load_balancer_arn))
        .operation::<ops::ModifyLoadBalancerAttributes>(|ask, input| {
            thing(ask, &input.load_balancer_arn)
        })
        .operation::<ops::SetIpAddressType>(|ask, input| thing(ask, &input.load_balancer_arn))
        .operation::<ops::SetSecurityGroups>(|ask, input| {
            thing(ask, &input.load_balancer_arn);
            placed(ask, Vec::new(), &input.security_groups);
        })
        .operation::<ops::SetSubnets>(|ask, input| {
            thing(ask, &input.load_balancer_arn);
            let mapped = input.subnet_mappings.iter().flatten();
            let mapped = mapped.filter_map(|mapping| mapping.subnet_id.clone());
            let subnets = input.subnets.iter().flatten().cloned().chain(mapped).collect();
            placed(ask, subnets, &None);
        })
}

fn of_groups() -> AccessTable<Balancing> {
    empty()
        .operation::<ops::CreateTargetGroup>(|ask, input| {
            let name = input.name.as_deref().unwrap_or_default();
            let made = format!("targetgroup/{name}/{UNKNOWN}");
            made_with(ask, &made, "CreateTargetGroup", &input.tags);
        })
        .operation::<ops::DeleteTargetGroup>(|ask, input| thing(ask, &input.target_group_arn))
        .operation::<ops::DeregisterTargets>(|ask, input| thing(ask, &input.target_group_arn))
        .operation::<ops::ModifyTargetGroup>(|ask, input| thing(ask, &input.target_group_arn))
        .operation::<ops::ModifyTargetGroupAttributes>(|ask, input| {
            thing(ask, &input.target_group_arn)
        })
        .operation::<ops::RegisterTargets>(|ask, input| thing(ask, &input.target_group_arn))
}

fn of_listeners() -> AccessTable<Balancing> {
    empty()
        .operation::<ops::AddListenerCertificates>(|ask, input| thing(ask, &input.listener_arn))
        .operation::<ops::CreateListener>(|ask, input| {
            thing(ask, &input.load_balancer_arn);
            let made = below(&input.load_balancer_arn, "loadbalancer", "listener");
            tagged_at_birth(ask, made, "CreateListener", &input.tags);
            secured(ask, &input.protocol, &input.ssl_policy);
        })
        .operation::<ops::DeleteListener>(|ask, input| thing(ask, &input.listener_arn))
        .operation::<ops::ModifyListener>(|ask, input| {
            thing(ask, &input.listener_arn);
            secured(ask, &input.protocol, &input.ssl_policy);
        })
        .operation::<ops::ModifyListenerAttributes>(|ask, input| thing(ask, &input.listener_arn))
        .operation::<ops::RemoveListenerCertificates>(|ask, input| thing(ask, &input.listener_arn))
}

fn of_rules() -> AccessTable<Balancing> {
    empty()
        .operation::<ops::CreateRule>(|ask, input| {
            thing(ask, &input.listener_arn);
            let made = below(&input.listener_arn, "listener", "listener-rule");
            tagged_at_birth(ask, made, "CreateRule", &input.tags);
        })
        .operation::<ops::DeleteRule>(|ask, input| thing(ask, &input.rule_arn))
        .operation::<ops::ModifyRule>(|ask, input| thing(ask, &input.rule_arn))
        .operation::<ops::SetRulePriorities>(|ask, input| {
            for pair in input.rule_priorities.iter().flatten() {
                thing(ask, &pair.rule_arn);
            }
        })
}

fn of_trust_stores() -> AccessTable<Balancing> {
    empty()
        .operation::<ops::AddTrustStoreRevocations>(|ask, input| thing(ask, &input.trust_store_arn))
        .operation::<ops::CreateTrustStore>(|ask, input| {
            let name = input.name.as_deref().unwrap_or_default();
            let made = format!("truststore/{name}/{UNKNOWN}");
            made_with(ask, &made, "CreateTrustStore", &input.tags);
        })
        .operation::<ops::DeleteSharedTrustStoreAssociation>(|ask, input| {
            thing(ask, &input.trust_store_arn)
        })
        .operation::<ops::DeleteTrustStore>(|ask, input| thing(ask, &input.trust_store_arn))
        .operation::<ops::GetTrustStoreCaCertificatesBundle>(|ask, input| {
            thing(ask, &input.trust_store_arn)
        })
        .operation::<ops::GetTrustStoreRevocationContent>(|ask, input| {
            thing(ask, &input.trust_store_arn)
        })
        .operation::<ops::ModifyTrustStore>(|ask, input| thing(ask, &input.trust_store_arn))
        .operation::<ops::RemoveTrustStoreRevocations>(|ask, input| {
            thing(ask, &input.trust_store_arn)
        })
}

fn of_tags() -> AccessTable<Balancing> {
    empty()
        .operation::<ops::AddTags>(|ask, input| {
            for arn in input.resource_arns.iter().flatten() {
                resource(ask, arn);
            }
            ask.wants.request_tags(tags(&input.tags));
        })
        .operation::<ops::GetResourcePolicy>(|ask, input| thing(ask, &input.resource_arn))
        .operation::<ops::RemoveTags>(|ask, input| {
            for arn in input.resource_arns.iter().flatten() {
                resource(ask, arn);
            }
            ask.wants.untagged(input.tag_keys.as_deref().unwrap_or_default());
        })
}

/// Nobody knows the id yet. Policies leave it open: `loadbalancer/app/web/*`.
const UNKNOWN: &str = "XXXXXXXXXXXXXXXX";

fn thing(ask: &mut Ask<'_>, arn: &Option<String>) {
    resource(ask, arn.as_deref().unwrap_or_default());
}

/// Whatever has the ARN, with its tags. What is not there is judged by what it was called.
fn resource(ask: &mut Ask<'_>, arn: &str) {
    let view = ask.call.view(&ask.service.cell).clone();
    let tags = tagging::of(&view, &ask.call.scope, arn).unwrap_or_default();
    ask.wants.on(Resource::new(arn).tagged(&tags));
}

/// Something that the call makes.
fn made_with(ask: &mut Ask<'_>, made: &str, action: &str, given: &Option<Vec<api::Tag>>) {
    let arn = format!("{}:{made}", arns::prefix(&ask.call.scope));
    ask.wants.on(Resource::new(&arn));
    tagged_at_birth(ask, arn, action, given);
}

/// AWS: whoever makes something with tags must be allowed to give it tags.
fn tagged_at_birth(ask: &mut Ask<'_>, arn: String, action: &str, given: &Option<Vec<api::Tag>>) {
    let tags = tags(given);
    if tags.is_empty() {
        return;
    }
    let mut keys = Keys::new().with("elasticloadbalancing:CreateAction", action);
    keys.request_tags(tags.clone());
    ask.wants.also("elasticloadbalancing:AddTags", Resource::new(arn), keys);
    ask.wants.request_tags(tags);
}

/// The ARN of what will be a part of this.
fn below(arn: &Option<String>, of: &str, made: &str) -> String {
    let arn = arn.as_deref().unwrap_or_default();
    format!("{}/{UNKNOWN}", arn.replacen(&format!(":{of}/"), &format!(":{made}/"), 1))
}

fn placed(ask: &mut Ask<'_>, subnets: Vec<String>, security_groups: &Option<Vec<String>>) {
    let subnets = Some(subnets).filter(|subnets| !subnets.is_empty());
    ask.wants.key_if("elasticloadbalancing:Subnet", subnets);
    ask.wants.key_if("elasticloadbalancing:SecurityGroup", security_groups.clone());
}

fn secured(ask: &mut Ask<'_>, protocol: &Option<api::ProtocolEnum>, policy: &Option<String>) {
    let protocol = protocol.as_ref().map(|protocol| protocol.as_str());
    ask.wants.key_if("elasticloadbalancing:ListenerProtocol", protocol);
    ask.wants.key_if("elasticloadbalancing:SecurityPolicy", policy.clone());
}

fn tags(given: &Option<Vec<api::Tag>>) -> Tags {
    tagging::pairs(given.clone()).collect()
}
