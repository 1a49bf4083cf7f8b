//! Placement constraints and strategies as callers and task definitions have them, in the scheduler's terms.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_scheduler::{Constraint, Expression, Strategy};

const CONSTRAINTS: usize = 10;
const STRATEGIES: usize = 5;

pub fn constraints(given: Vec<api::PlacementConstraint>) -> Result<Vec<Constraint>, api::Error> {
    if given.len() > CONSTRAINTS {
        return Err(invalid(format!(
            "At most {CONSTRAINTS} placement constraints are possible; {} were given.",
            given.len()
        )));
    }
    let constraint = |(index, given): (usize, api::PlacementConstraint)| match given.r#type {
        Some(api::PlacementConstraintType::DistinctInstance) => {
            match given.expression.filter(|text| !text.is_empty()) {
                None => Ok(Constraint::DistinctInstance),
                Some(_) => Err(invalid(format!(
                    "placementConstraints[{index}]: distinctInstance takes no expression."
                ))),
            }
        }
        Some(api::PlacementConstraintType::MemberOf) => {
            member_of(index, given.expression.as_deref())
        }
        _ => Err(invalid(format!(
            "placementConstraints[{index}].type: distinctInstance or memberOf is expected."
        ))),
    };
    given.into_iter().enumerate().map(constraint).collect()
}

/// Those of the task definition, whose expressions were checked when it was registered.
pub fn of_task_definition(content: &api::TaskDefinition) -> Result<Vec<Constraint>, api::Error> {
    let given = content.placement_constraints.iter().flatten().enumerate();
    given.map(|(index, constraint)| member_of(index, constraint.expression.as_deref())).collect()
}

fn member_of(index: usize, expression: Option<&str>) -> Result<Constraint, api::Error> {
    let text = expression.unwrap_or_default();
    let parsed: Result<Expression, _> = text.parse();
    parsed
        .map(|expression| Constraint::MemberOf(Arc::new(expression)))
        .map_err(|error| invalid(format!("placementConstraints[{index}].expression: {error}.")))
}

pub fn strategies(given: Vec<api::PlacementStrategy>) -> Result<Vec<Strategy>, api::Error> {
    if given.len() > STRATEGIES {
        return Err(invalid(format!(
            "At most {STRATEGIES} placement strategies are possible; {} were given.",
            given.len()
        )));
    }
    let strategy = |(index, given): (usize, api::PlacementStrategy)| {
        let kind = given.r#type.as_ref().map(|kind| kind.as_str()).unwrap_or_default();
        Strategy::parse(kind, given.field.as_deref())
            .map_err(|error| invalid(format!("placementStrategy[{index}]: {error}.")))
    };
    given.into_iter().enumerate().map(strategy).collect()
}

/// What a caller who asks for nothing gets for tasks that are no service's.
pub fn or_default(strategies: Vec<Strategy>) -> Vec<Strategy> {
    if strategies.is_empty() { Strategy::default_of_tasks() } else { strategies }
}

/// AWS: a service that says nothing spreads over availability zones.
pub fn or_default_of_services(strategies: Vec<Strategy>) -> Vec<Strategy> {
    if strategies.is_empty() { Strategy::default_of_services() } else { strategies }
}

fn invalid(message: String) -> api::Error {
    api::Error::invalid_parameter(message)
}
