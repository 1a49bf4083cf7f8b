//! ModifyRule: conditions, actions and transforms, each as a whole or not at all.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::authentication_keys;
use crate::find::{self, Found};
use crate::listeners;
use crate::rules::actions::{self, Owner};
use crate::rules::{conditions, render, transforms};
use crate::service::Balancing;
use crate::tables::{Listener, Rule, Stored};

pub async fn modify_rule(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::ModifyRuleInput,
) -> Result<api::ModifyRuleOutput, Failure<api::Error>> {
    let service = balancing.clone();
    let modify = move |tx: &mut Transaction| modify(tx, &service, &call, input);
    let rule = balancing.cell.write(modify).await?;
    Ok(api::ModifyRuleOutput { rules: Some(vec![render::rule(&rule)]) })
}

fn modify(
    tx: &mut Transaction,
    balancing: &Balancing,
    call: &Call,
    input: api::ModifyRuleInput,
) -> Result<Rule, Failure<api::Error>> {
    let arn = input.rule_arn.unwrap_or_default();
    let mut rule = match find::rule(tx, &call.scope, &arn)? {
        Found::Rule(rule) => rule.clone(),
        Found::Default(_) => {
            return Err(api::Error::operation_not_permitted(format!(
                "Default rule '{arn}' cannot be modified: modify its listener"
            ))
            .into());
        }
    };
    if let Some(given) = input.conditions.filter(|given| !given.is_empty()) {
        let accepted = conditions::accept(given, &balancing.limits)?;
        rule.conditions = accepted.into_iter().map(Stored::new).collect();
    }
    if let Some(given) = input.actions.filter(|given| !given.is_empty()) {
        let listener = tx.get::<Listener>(&rule.listener);
        let protocol = listener.expect("a rule goes with its listener").protocol;
        let owner = Owner { id: rule.id, balancer: &rule.of, protocol };
        rule.actions = actions::accept(tx, balancing, &owner, given, Some(&rule.actions))?;
        authentication_keys::ensure(tx, balancing, rule.of.id, &rule.actions)?;
    }
    let given = input.transforms.filter(|given| !given.is_empty());
    match (given, input.reset_transforms == Some(true)) {
        (Some(_), true) => {
            return Err(api::Error::validation(
                "You cannot specify transforms and reset them at the same time",
            )
            .into());
        }
        (Some(given), false) => {
            let accepted = transforms::accept(given)?;
            rule.transforms = accepted.into_iter().map(Stored::new).collect();
        }
        (None, true) => rule.transforms.clear(),
        (None, false) => {}
    }
    tx.put(rule.clone());
    listeners::check_limits(tx, &rule.of, &balancing.limits)?;
    Ok(rule)
}
