//! How requests are shared out among target groups: what a deployment moves step by step.

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::ports::{NotShared, Share};
use berth_control::tables::View;
use berth_model::Scope;

use crate::arns::{self, Named};
use crate::find::{self, Found};
use crate::tables::{Actions, Listener, Rule, Stored};

/// Of a listener, by its ARN or by that of its default rule, or of another rule.
pub fn of(view: &impl View, scope: &Scope, rule: &str) -> Option<Vec<Share>> {
    let actions = match found(view, scope, rule)? {
        Found::Rule(rule) => &rule.actions,
        Found::Default(listener) => &listener.actions,
    };
    let forward = actions.shown.iter().find_map(|action| action.forward_config.as_ref())?;
    let share = |tuple: &api::TargetGroupTuple| Share {
        group: tuple.target_group_arn.clone().unwrap_or_default(),
        weight: tuple.weight.and_then(|weight| u16::try_from(weight).ok()).unwrap_or(1),
    };
    Some(forward.target_groups.iter().flatten().map(share).collect())
}

pub fn set(
    tx: &mut Transaction,
    scope: &Scope,
    rule: &str,
    shares: &[Share],
) -> Result<(), NotShared> {
    let missing = || NotShared::NoSuchRule(rule.to_owned());
    for share in shares {
        find::target_group(tx, scope, &share.group)
            .map_err(|_| NotShared::NoSuchTargetGroup(share.group.clone()))?;
    }
    match found(tx, scope, rule).ok_or_else(missing)? {
        Found::Rule(row) => {
            let actions = shared(&row.actions, shares).ok_or_else(missing)?;
            tx.put(Rule { actions, ..row.clone() });
        }
        Found::Default(row) => {
            let actions = shared(&row.actions, shares).ok_or_else(missing)?;
            tx.put(Listener { actions, ..row.clone() });
        }
    }
    Ok(())
}

fn found<'v>(view: &'v impl View, scope: &Scope, arn: &str) -> Option<Found<'v>> {
    match arns::parse(arn)?.0 {
        Named::Listener(_) => find::listener(view, scope, arn).ok().map(Found::Default),
        _ => find::rule(view, scope, arn).ok(),
    }
}

/// `None`: nothing is forwarded.
fn shared(actions: &Actions, shares: &[Share]) -> Option<Actions> {
    let mut shared = actions.clone();
    let place = shared.shown.iter_mut().find(|action| action.forward_config.is_some())?;
    let mut action = (**place).clone();
    let tuple = |share: &Share| api::TargetGroupTuple {
        target_group_arn: Some(share.group.clone()),
        weight: Some(i32::from(share.weight)),
    };
    action.forward_config.as_mut()?.target_groups = Some(shares.iter().map(tuple).collect());
    action.target_group_arn = match shares {
        [only] => Some(only.group.clone()),
        _ => None,
    };
    *place = Stored::new(action);
    Some(shared)
}
