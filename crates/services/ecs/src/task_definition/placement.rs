//! Placement constraints: expressions of the cluster query language that a host must satisfy.

use berth_aws_api::ecs as api;
use berth_scheduler::Expression;

use super::{Verdict, refuse, refuse_unless};

const MOST: usize = 10;

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    let constraints = definition.placement_constraints.as_deref().unwrap_or_default();
    refuse_unless(constraints.len() <= MOST, || {
        format!(
            "Too many placement constraints. A task definition can have at most {MOST}; this one has {}.",
            constraints.len()
        )
    })?;
    for (index, constraint) in constraints.iter().enumerate() {
        let invalid = |problem: String| {
            refuse(format!("Invalid placement constraint: placementConstraints[{index}] {problem}"))
        };
        if constraint.r#type.is_none() {
            return invalid(
                "has no type; memberOf is the one that task definitions have.".to_owned(),
            );
        }
        let expression = constraint.expression.as_deref().unwrap_or_default();
        if let Err(error) = expression.parse::<Expression>() {
            return invalid(format!("has the expression `{expression}`, {error}."));
        }
    }
    Ok(())
}
