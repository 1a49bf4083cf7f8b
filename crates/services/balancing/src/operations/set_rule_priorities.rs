//! SetRulePriorities: of all rules that are named at once, so that two of them may change places.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_model::Scope;

use crate::find::{self, Found};
use crate::rules::render;
use crate::service::Balancing;
use crate::tables::{ElbId, Rule};

pub async fn set_rule_priorities(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::SetRulePrioritiesInput,
) -> Result<api::SetRulePrioritiesOutput, Failure<api::Error>> {
    let given = input.rule_priorities.unwrap_or_default();
    let set = move |tx: &mut Transaction| set(tx, &call.scope, &given);
    let rules = balancing.cell.write(set).await?;
    Ok(api::SetRulePrioritiesOutput { rules: Some(rules.iter().map(render::rule).collect()) })
}

fn set(
    tx: &mut Transaction,
    scope: &Scope,
    given: &[api::RulePriorityPair],
) -> Result<Vec<Rule>, api::Error> {
    if given.is_empty() {
        return Err(api::Error::validation("Rule priorities must be specified"));
    }
    let mut moved: BTreeMap<ElbId, Rule> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for pair in given {
        let arn = pair.rule_arn.as_deref().unwrap_or_default();
        let mut rule = match find::rule(tx, scope, arn)? {
            Found::Rule(rule) => rule.clone(),
            Found::Default(_) => {
                return Err(api::Error::operation_not_permitted(format!(
                    "The priority of default rule '{arn}' cannot be set"
                )));
            }
        };
        let priority = pair.priority.and_then(|priority| u32::try_from(priority).ok());
        rule.priority =
            priority.ok_or_else(|| api::Error::validation("A rule priority must be specified"))?;
        if !taken.insert((rule.listener, rule.priority)) {
            return Err(in_use(rule.priority));
        }
        if moved.insert(rule.id, rule).is_some() {
            return Err(api::Error::validation(format!(
                "Rule '{arn}' is specified more than once"
            )));
        }
    }
    let index = &tx.table::<Rule>().indexes();
    for rule in moved.values() {
        let holder = index.at(rule.listener, rule.priority);
        if holder.is_some_and(|holder| !moved.contains_key(&holder)) {
            return Err(in_use(rule.priority));
        }
    }
    let mut rules: Vec<Rule> = moved.into_values().collect();
    rules.sort_by_key(|rule| (rule.listener, rule.priority));
    for rule in &rules {
        tx.put(rule.clone());
    }
    Ok(rules)
}

fn in_use(priority: u32) -> api::Error {
    api::Error::priority_in_use(format!("Priority '{priority}' is currently in use"))
}
