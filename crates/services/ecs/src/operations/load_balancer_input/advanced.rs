//! `advancedConfiguration`: with which rules a service's requests are shifted between two target groups.
//!
//! AWS: developer guide, troubleshooting-blue-green, for most words.

use std::collections::BTreeSet;

use berth_aws_api::ecs as api;
use berth_control::ports::{Share, TargetGroupFacts};
use berth_control::tables::View;
use berth_deployment::Strategy;

use super::{Judge, invalid, not_there, suits};
use crate::roles;

/// All of them together: who shifts requests does so everywhere, between groups that are used once.
pub fn check_all(given: &[api::LoadBalancer], strategy: Strategy) -> Result<(), api::Error> {
    let with = given.iter().filter_map(|it| it.advanced_configuration.as_ref()).count();
    match (with, strategy) {
        (0, Strategy::Rolling) => return Ok(()),
        (_, Strategy::Rolling) => {
            return Err(invalid(
                "advancedConfiguration field is only allowed when using a non-ROLLING deployment strategy; give the \
                 loadBalancers without it, with the target group that serves now."
                    .to_owned(),
            ));
        }
        (0, _) if given.is_empty() => return Ok(()),
        // AWS: the one of these that is a ClientException.
        (0, _) => {
            return Err(api::Error::client(
                "advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy",
            ));
        }
        _ if with < given.len() => {
            return Err(invalid(
                "Either all or none of the provided loadBalancers must have advancedConfiguration defined"
                    .to_owned(),
            ));
        }
        _ => {}
    }
    let mut groups = BTreeSet::new();
    let (mut production, mut test) = (BTreeSet::new(), BTreeSet::new());
    for balancer in given {
        let advanced = balancer.advanced_configuration.clone().unwrap_or_default();
        for group in balancer.target_group_arn.iter().chain(&advanced.alternate_target_group_arn) {
            if !groups.insert(group.clone()) {
                return Err(invalid(format!("Duplicate targetGroupArn found: {group}")));
            }
        }
        production.extend(advanced.production_listener_rule);
        test.extend(advanced.test_listener_rule);
    }
    let both: Vec<&str> = production.intersection(&test).map(String::as_str).collect();
    if both.is_empty() {
        return Ok(());
    }
    Err(invalid(format!(
        "The following rules cannot be used as both production and test listener rules: {}",
        both.join(", ")
    )))
}

/// One of them, beside the group that it is an alternative to.
pub fn check(
    judge: &Judge<'_, impl View>,
    wanted: &api::LoadBalancer,
    (group, facts): (&str, &TargetGroupFacts),
) -> Result<(), api::Error> {
    let Some(advanced) = &wanted.advanced_configuration else { return Ok(()) };
    let alternate =
        given("alternateTargetGroupArn", advanced.alternate_target_group_arn.as_deref())?;
    let found = judge.balancing.target_group(judge.view.sight(), judge.scope, alternate);
    let found = found.ok_or_else(|| not_there(alternate))?;
    suits(judge.definition, alternate, &found)?;
    let balancer = facts.balancer.as_deref().unwrap_or_default();
    let fits = found.protocol == facts.protocol || !is_network(balancer);
    if !fits || found.balancer.as_deref().is_some_and(|other| other != balancer) {
        return Err(invalid(format!(
            "The alternateTargetGroupArn {alternate} cannot take the place of {group}: its protocol or its load balancer is \
             another."
        )));
    }
    let named = given("productionListenerRule", advanced.production_listener_rule.as_deref())?;
    let production = shares(judge, balancer, "productionListenerRule", named)?;
    let test = advanced.test_listener_rule.as_deref();
    let test = test.map(|rule| shares(judge, balancer, "testListenerRule", rule)).transpose()?;
    let has = |arn: &str| production.iter().any(|share| share.group == arn);
    if !is_network(balancer) && test.is_none() && !(has(group) && has(alternate)) {
        return Err(invalid(
            "For Application LoadBalancer, testListenerRule is required when productionListenerRule is not associated with both \
             targetGroup and alternateTargetGroup"
                .to_owned(),
        ));
    }
    let Some(role) = advanced.role_arn.as_deref().filter(|role| !role.is_empty()) else {
        return Ok(());
    };
    // DEVIATES: That it may not act in the `roleArn` of `advancedConfiguration`, or not do enough in it, ECS finds out when it
    // deploys. Here balancers are changed without the role; it has to be there and to trust ECS, which is looked at first.
    roles::check_infrastructure(judge.roles, judge.scope, role, judge.now).map_err(|refusal| {
        tracing::info!(role, %refusal, "requests cannot be shifted in this role");
        invalid(format!(
            "ECS was unable to manage the ELB resources due to missing permissions on ECS Infrastructure Role '{role}'."
        ))
    })
}

fn given<'a>(name: &str, arn: Option<&'a str>) -> Result<&'a str, api::Error> {
    arn.filter(|arn| !arn.is_empty())
        .ok_or_else(|| invalid(format!("advancedConfiguration.{name} can not be blank.")))
}

/// How the requests of a rule of this balancer are shared out.
fn shares(
    judge: &Judge<'_, impl View>,
    balancer: &str,
    name: &str,
    rule: &str,
) -> Result<Vec<Share>, api::Error> {
    let kind = if is_network(balancer) { ":listener/net/" } else { ":listener-rule/app/" };
    if !rule.contains(kind) {
        return Err(invalid(format!(
            "{name} has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: {rule}"
        )));
    }
    // `…:loadbalancer/app/NAME/ID`, and `…:listener-rule/app/NAME/ID/LISTENER/RULE`.
    let of = |arn: &str| {
        let (prefix, path) = arn.split_once("/app/").or_else(|| arn.split_once("/net/"))?;
        let mut parts = path.split('/');
        let account = prefix.rsplit_once(':')?.0.to_owned();
        Some((account, parts.next()?.to_owned(), parts.next()?.to_owned()))
    };
    if of(rule) != of(balancer) {
        return Err(invalid(format!(
            "{name} {rule} does not belong to the load balancer of the target group, {balancer}."
        )));
    }
    judge.balancing.shares(judge.view.sight(), judge.scope, rule).ok_or_else(|| {
        invalid(format!("{name} {rule} does not exist, or forwards to no target group."))
    })
}

fn is_network(balancer: &str) -> bool {
    balancer.contains(":loadbalancer/net/")
}
