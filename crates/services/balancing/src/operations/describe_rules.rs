//! DescribeRules: those of a listener, the default one last, or those that are named.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::find::{self, Found};
use crate::paging::paging;
use crate::rules::render;
use crate::service::Balancing;

pub async fn describe_rules(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeRulesInput,
) -> Result<api::DescribeRulesOutput, Failure<api::Error>> {
    let (listener, arns) = (input.listener_arn, input.rule_arns.unwrap_or_default());
    let paging = paging("DescribeRules", &(&listener, &arns), input.page_size, input.marker)?;
    let view = balancing.cell.snapshot();
    let mut found: Vec<(String, Found<'_>)> = Vec::new();
    match (&listener, arns.is_empty()) {
        (Some(arn), true) => {
            let listener = find::listener(&view, &call.scope, arn)?;
            let rules = find::rules_of(&view, listener.id);
            found.extend(rules.map(|rule| (format!("{:08}", rule.priority), Found::Rule(rule))));
            // Behind every number.
            found.push(("default".to_owned(), Found::Default(listener)));
        }
        (None, false) => {
            for arn in &arns {
                found.push((arn.clone(), find::rule(&view, &call.scope, arn)?));
            }
            found.sort_by(|(one, _), (other, _)| one.cmp(other));
            found.dedup_by(|(one, _), (other, _)| one == other);
        }
        _ => {
            return Err(api::Error::validation(
                "You must specify either rule ARNs or a listener ARN",
            )
            .into());
        }
    }
    let page = paging.cut(found);
    let shown = page.items.into_iter().map(|found| match found {
        Found::Rule(rule) => render::rule(rule),
        Found::Default(listener) => render::default_rule(listener),
    });
    Ok(api::DescribeRulesOutput { rules: Some(shown.collect()), next_marker: page.next })
}
