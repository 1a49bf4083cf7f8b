//! A rule as ELB shows it.

use berth_aws_api::elbv2 as api;

use crate::tables::{Actions, Listener, Rule};

pub fn actions(actions: &Actions) -> Vec<api::Action> {
    actions.shown.iter().map(|action| (**action).clone()).collect()
}

pub fn rule(rule: &Rule) -> api::Rule {
    api::Rule {
        rule_arn: Some(rule.arn()),
        priority: Some(rule.priority.to_string()),
        conditions: Some(rule.conditions.iter().map(|condition| (**condition).clone()).collect()),
        actions: Some(actions(&rule.actions)),
        is_default: Some(false),
        transforms: Some(rule.transforms.iter().map(|transform| (**transform).clone()).collect()),
    }
}

/// What is done if no rule holds.
pub fn default_rule(listener: &Listener) -> api::Rule {
    api::Rule {
        rule_arn: Some(listener.default_rule_arn()),
        priority: Some("default".to_owned()),
        conditions: Some(Vec::new()),
        actions: Some(actions(&listener.actions)),
        is_default: Some(true),
        transforms: Some(Vec::new()),
    }
}
