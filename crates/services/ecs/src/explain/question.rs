//! What is asked, from the parameters of a path.

use berth_aws_api::ecs as api;
use berth_control::pipeline::query;
use berth_model::LaunchType;
use berth_scheduler::{Constraint, Strategy};
use http::Uri;

use crate::placement_rules;

/// Tasks that one question may be about.
const MOST: u32 = 10_000;

#[derive(Debug)]
pub struct Question {
    pub cluster: Option<String>,
    pub subject: Subject,
}

#[derive(Debug)]
pub enum Subject {
    /// A task that exists, by id or ARN.
    Task(String),
    /// A service, by name or ARN.
    Service(String),
    /// Tasks that might be run.
    Run(Run),
}

/// As RunTask would be asked.
#[derive(Debug)]
pub struct Run {
    pub task_definition: String,
    pub count: u32,
    pub launch_type: LaunchType,
    pub capacity_provider: Option<String>,
    pub group: Option<String>,
    pub constraints: Vec<Constraint>,
    pub strategies: Vec<Strategy>,
}

#[derive(Default)]
struct Given {
    cluster: Option<String>,
    task: Option<String>,
    service: Option<String>,
    task_definition: Option<String>,
    count: Option<String>,
    launch_type: Option<String>,
    capacity_provider: Option<String>,
    group: Option<String>,
    constraints: Vec<api::PlacementConstraint>,
    strategies: Vec<api::PlacementStrategy>,
}

impl Question {
    pub fn parse(uri: &Uri) -> Result<Self, api::Error> {
        let mut given = Given::default();
        for (name, value) in query::parameters(uri) {
            let value = value.into_owned();
            let single = match &*name {
                "cluster" => &mut given.cluster,
                "task" => &mut given.task,
                "service" => &mut given.service,
                "taskDefinition" => &mut given.task_definition,
                "count" => &mut given.count,
                "launchType" => &mut given.launch_type,
                "capacityProvider" => &mut given.capacity_provider,
                "group" => &mut given.group,
                "constraint" => {
                    given.constraints.push(constraint(value));
                    continue;
                }
                "strategy" => {
                    given.strategies.push(strategy(&value));
                    continue;
                }
                _ => return Err(invalid(format!("There is no parameter `{name}`."))),
            };
            if single.replace(value).is_some() {
                return Err(invalid(format!("{name} is given more than once.")));
            }
        }
        given.question()
    }
}

impl Given {
    fn question(self) -> Result<Question, api::Error> {
        let cluster = self.cluster.clone();
        let named = (self.task.clone(), self.service.clone(), self.task_definition.clone());
        let subject = match named {
            (Some(task), None, None) => {
                self.refuse_run()?;
                Subject::Task(task)
            }
            (None, Some(service), None) => {
                self.refuse_run()?;
                Subject::Service(service)
            }
            (None, None, Some(task_definition)) => Subject::Run(self.run(task_definition)?),
            _ => {
                return Err(invalid(
                    "One of task, service and taskDefinition is expected.".to_owned(),
                ));
            }
        };
        Ok(Question { cluster, subject })
    }

    /// What a run may be asked for says nothing about what exists.
    fn refuse_run(&self) -> Result<(), api::Error> {
        let given = [
            ("count", self.count.is_some()),
            ("launchType", self.launch_type.is_some()),
            ("capacityProvider", self.capacity_provider.is_some()),
            ("group", self.group.is_some()),
            ("constraint", !self.constraints.is_empty()),
            ("strategy", !self.strategies.is_empty()),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            Some((name, _)) => Err(invalid(format!("{name} goes with taskDefinition only."))),
            None => Ok(()),
        }
    }

    fn run(self, task_definition: String) -> Result<Run, api::Error> {
        let count = match self.count.as_deref() {
            None => 1,
            Some(text) => {
                text.parse().ok().filter(|count| (1..=MOST).contains(count)).ok_or_else(|| {
                    invalid(format!("count must be between 1 and {MOST}, not {text}."))
                })?
            }
        };
        let launch_type = match self.launch_type.as_deref() {
            None => LaunchType::Ec2,
            Some(text) => text
                .parse()
                .ok()
                .filter(|launch_type| *launch_type != LaunchType::Fargate)
                .ok_or_else(|| {
                    invalid(format!("launchType: EC2 or EXTERNAL is expected, not {text}."))
                })?,
        };
        let strategies = placement_rules::strategies(self.strategies)?;
        Ok(Run {
            task_definition,
            count,
            launch_type,
            capacity_provider: self.capacity_provider,
            group: self.group,
            constraints: placement_rules::constraints(self.constraints)?,
            strategies: if strategies.is_empty() {
                Strategy::default_of_tasks()
            } else {
                strategies
            },
        })
    }
}

/// `distinctInstance`, or else the expression of a `memberOf`.
fn constraint(text: String) -> api::PlacementConstraint {
    match text.as_str() {
        "distinctInstance" => api::PlacementConstraint {
            r#type: Some(api::PlacementConstraintType::DistinctInstance),
            expression: None,
        },
        _ => api::PlacementConstraint {
            r#type: Some(api::PlacementConstraintType::MemberOf),
            expression: Some(text),
        },
    }
}

/// `random`, or a type and a field: `spread:attribute:ecs.availability-zone`, `binpack:memory`.
fn strategy(text: &str) -> api::PlacementStrategy {
    let (kind, field) = match text.split_once(':') {
        Some((kind, field)) => (kind, Some(field.to_owned())),
        None => (text, None),
    };
    api::PlacementStrategy { r#type: Some(kind.into()), field }
}

fn invalid(message: String) -> api::Error {
    api::Error::invalid_parameter(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(query: &str) -> Result<Question, String> {
        let uri: Uri = format!("/_berth/ecs/explain?{query}").parse().expect("a path");
        Question::parse(&uri).map_err(|error| error.to_string())
    }

    #[test]
    fn a_run_is_asked_about_as_run_task_is() {
        let question = parsed(
            "cluster=c&taskDefinition=web:3&count=7&launchType=EXTERNAL&group=g&constraint=distinctInstance\
             &constraint=attribute:rack%20%3D%3D%203&strategy=spread:attribute:rack&strategy=random",
        );
        let question = question.expect("all of it is known");
        let Subject::Run(run) = question.subject else { panic!("it is about a run") };
        assert_eq!((question.cluster.as_deref(), run.count), (Some("c"), 7));
        assert_eq!(run.launch_type, LaunchType::External);
        assert_eq!(run.constraints.len(), 2);
        let strategies: Vec<String> = run.strategies.iter().map(Strategy::to_string).collect();
        assert_eq!(strategies, ["spread(attribute:rack)", "random"]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        for (query, word) in [
            ("", "One of task, service and taskDefinition"),
            ("task=a&taskDefinition=b", "One of task, service and taskDefinition"),
            ("task=a&task=b", "task is given more than once"),
            ("task=a&service=b", "One of task, service and taskDefinition"),
            ("service=a&group=b", "group goes with taskDefinition only"),
            ("task=a&count=2", "count goes with taskDefinition only"),
            ("task=a&colour=red", "no parameter `colour`"),
            ("taskDefinition=a&count=0", "between 1 and 10000, not 0"),
            ("taskDefinition=a&count=many", "not many"),
            ("taskDefinition=a&launchType=FARGATE", "EC2 or EXTERNAL"),
            ("taskDefinition=a&strategy=best", "`best` is not a placement strategy"),
            (
                "taskDefinition=a&constraint=rack",
                "placementConstraints[0].expression: at character 1",
            ),
        ] {
            let refused = parsed(query).expect_err(query);
            assert!(refused.contains(word), "{query}: {refused}");
        }
    }
}
