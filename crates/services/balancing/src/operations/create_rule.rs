//! CreateRule: what is done with requests that its conditions hold for.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_model::Tags;

use crate::rules::actions::{self, Owner};
use crate::rules::{conditions, render, transforms};
use crate::service::Balancing;
use crate::tables::{BalancerKind, ElbId, Rule, Stored};
use crate::{authentication_keys, find, listeners, tagging};

pub async fn create_rule(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::CreateRuleInput,
) -> Result<api::CreateRuleOutput, Failure<api::Error>> {
    let arn = input.listener_arn.unwrap_or_default();
    let conditions = conditions::accept(input.conditions.unwrap_or_default(), &balancing.limits)?;
    let transforms = transforms::accept(input.transforms.unwrap_or_default())?;
    let priority = input.priority.and_then(|priority| u32::try_from(priority).ok());
    let priority =
        priority.ok_or_else(|| api::Error::validation("A rule priority must be specified"))?;
    let tags = tagging::add(&Tags::new(), input.tags)?;
    let (id, given) = (ElbId::new(&balancing.env), input.actions.unwrap_or_default());
    let service = balancing.clone();
    let create = move |tx: &mut Transaction| {
        let listener = find::listener(tx, &call.scope, &arn)?.clone();
        if listener.of.kind == BalancerKind::Network {
            return Err(Failure::from(api::Error::unsupported_protocol(format!(
                "Rules are not supported on listeners with protocol '{}'",
                listener.protocol.as_str()
            ))));
        }
        let owner = Owner { id, balancer: &listener.of, protocol: listener.protocol };
        let actions = actions::accept(tx, &service, &owner, given, None)?;
        if tx.table::<Rule>().indexes().at(listener.id, priority).is_some() {
            return Err(api::Error::priority_in_use(format!(
                "Priority '{priority}' is currently in use"
            ))
            .into());
        }
        let rule = Rule {
            id,
            of: listener.of.clone(),
            listener: listener.id,
            priority,
            conditions: conditions.into_iter().map(Stored::new).collect(),
            actions,
            transforms: transforms.into_iter().map(Stored::new).collect(),
            tags,
        };
        authentication_keys::ensure(tx, &service, rule.of.id, &rule.actions)?;
        tx.put(rule.clone());
        listeners::check_limits(tx, &rule.of, &service.limits)?;
        Ok(rule)
    };
    let rule = balancing.cell.write(create).await?;
    Ok(api::CreateRuleOutput { rules: Some(vec![render::rule(&rule)]) })
}
