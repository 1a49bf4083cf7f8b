//! The cluster query language: which container instances a `memberOf` constraint or a list filter means.
//!
//! `attribute:ecs.instance-type =~ g2.* and not(task:group == database)`. An [`Expression`] is parsed
//! once, with errors that point at the character, and then answers for any [`Instance`]. It knows one
//! instance at a time and nothing of placement.
//!
//! What the developer guide (cluster-query-language) leaves open is settled here:
//! - A negated operator is the negation of its plain one, so `attribute:stack != prod` holds where there is no `stack`.
//! - `task:group == g` holds if any task of the instance is in `g`.
//! - `&&` binds tighter than `||`. Words for operators may be in any case; subjects and values may not.
//! - Attributes compare as numbers if both sides are numbers, otherwise as text.
//!
//! Start with `parser.rs`; `expression.rs` says what a parsed expression can be.

mod error;
mod expression;
mod parser;
mod pattern;
mod scanner;
#[cfg(test)]
mod tests;
mod version;

pub use error::ExpressionError;
pub use expression::Expression;

use crate::instance::Instance;
use expression::{Condition, Node, Relation, Subject, Test};
use version::Version;

impl Expression {
    /// Whether the expression means this instance.
    pub fn matches(&self, instance: &Instance) -> bool {
        holds(&self.root, instance)
    }
}

fn holds(node: &Node, instance: &Instance) -> bool {
    match node {
        Node::All(nodes) => nodes.iter().all(|node| holds(node, instance)),
        Node::Any(nodes) => nodes.iter().any(|node| holds(node, instance)),
        Node::Not(node) => !holds(node, instance),
        Node::Test(test) => passes(test, instance),
    }
}

fn passes(test: &Test, instance: &Instance) -> bool {
    let Test { subject, condition } = test;
    match subject {
        Subject::Attribute(name) => match (instance.attributes.get(name), condition) {
            (None, _) => false,
            (Some(_), Condition::Exists) => true,
            (Some(value), _) => value.as_deref().is_some_and(|value| text_meets(value, condition)),
        },
        Subject::TaskGroup => match condition {
            Condition::Exists => !instance.tasks_by_group.is_empty(),
            _ => instance.tasks_by_group.keys().any(|group| text_meets(group, condition)),
        },
        Subject::Ec2InstanceId => {
            instance.ec2_instance_id.as_deref().is_some_and(|id| text_meets(id, condition))
        }
        Subject::AgentConnected => {
            text_meets(if instance.agent_connected { "true" } else { "false" }, condition)
        }
        Subject::AgentVersion => match condition {
            Condition::Version(relation, wanted) => {
                let version = instance.agent_version.as_deref().and_then(Version::reported);
                version.is_some_and(|version| relation.holds(version.cmp(wanted)))
            }
            _ => false,
        },
        Subject::RegisteredAt => match condition {
            Condition::Instant(relation, wanted) => {
                relation.holds(instance.registered_at.cmp(wanted))
            }
            _ => false,
        },
        Subject::RunningTasksCount => match condition {
            Condition::Count(relation, wanted) => {
                relation.holds(u64::from(instance.running_tasks).cmp(wanted))
            }
            _ => false,
        },
    }
}

fn text_meets(value: &str, condition: &Condition) -> bool {
    match condition {
        Condition::Exists => true,
        Condition::Text(relation, wanted) => match relation {
            Relation::Equal => value == wanted,
            _ => relation.holds(compare_text(value, wanted)),
        },
        Condition::OneOf(wanted) => wanted.iter().any(|wanted| wanted == value),
        Condition::Matches(pattern) => pattern.matches(value),
        // The parser gives these to subjects that are not text.
        Condition::Version(..) | Condition::Instant(..) | Condition::Count(..) => false,
    }
}

fn compare_text(left: &str, right: &str) -> std::cmp::Ordering {
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        _ => left.cmp(right),
    }
}
