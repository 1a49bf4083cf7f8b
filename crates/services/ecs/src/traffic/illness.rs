//! What is told of a task that a target group finds unhealthy.

use std::net::IpAddr;

use berth_control::ports::TargetRef;
use berth_deployment::subject;
use berth_model::{TaskId, TaskSetId};

/// As which target, and why.
pub struct Illness {
    pub target: TargetRef,
    reason: Option<String>,
}

impl Illness {
    /// The reason in ELB's words, if it has any.
    pub fn new(target: TargetRef, reason: Option<String>) -> Self {
        Illness { target, reason }
    }

    /// AWS: developer guide, "Amazon ECS service unhealthy event messages". Instances are named, addresses are not; a
    /// task set is, of a service that has them.
    pub fn told(&self, service: &str, task_set: Option<TaskSetId>, task: TaskId) -> String {
        let TargetRef { group, id, port, .. } = &self.target;
        let instance = match id.parse::<IpAddr>() {
            Ok(_) => String::new(),
            Err(_) => format!(" (instance {id})"),
        };
        let reason = self.reason.as_deref().unwrap_or("Health checks failed");
        let subject = subject(service, task_set);
        format!(
            "{subject} (task {task}){instance} (port {port}) is unhealthy in (target-group {group}) \
             due to (reason {reason})."
        )
    }
}

#[cfg(test)]
mod tests {
    use berth_control::ports::TargetRef;
    use berth_model::{ClusterArn, TaskId, TaskSetId};

    use super::Illness;

    const TASK: TaskId = TaskId::from_bytes([7; 16]);

    fn told(id: &str, reason: Option<&str>) -> String {
        told_of(None, id, reason)
    }

    fn told_of(task_set: Option<TaskSetId>, id: &str, reason: Option<&str>) -> String {
        let cluster = "arn:aws:ecs:us-east-1:123456789012:cluster/c".parse::<ClusterArn>();
        let scope = cluster.expect("an ARN").scope;
        let target = TargetRef { scope, group: "arn".to_owned(), id: id.to_owned(), port: 32768 };
        Illness::new(target, reason.map(str::to_owned)).told("web", task_set, TASK)
    }

    #[test]
    fn an_instance_is_named_and_an_address_is_not() {
        let task = TASK;
        assert_eq!(
            told("i-1", Some("Request timed out")),
            format!(
                "(service web) (task {task}) (instance i-1) (port 32768) is unhealthy in (target-group arn) \
                 due to (reason Request timed out)."
            )
        );
        assert_eq!(
            told("10.0.0.7", None),
            format!(
                "(service web) (task {task}) (port 32768) is unhealthy in (target-group arn) \
                 due to (reason Health checks failed)."
            )
        );
    }

    #[test]
    fn a_task_set_is_named_beside_its_service() {
        let (task, task_set) = (TASK, TaskSetId::from_number(123));
        assert_eq!(
            told_of(Some(task_set), "i-1", Some("Request timed out")),
            format!(
                "(service web, taskSet {task_set}) (task {task}) (instance i-1) (port 32768) is unhealthy in \
                 (target-group arn) due to (reason Request timed out)."
            )
        );
    }
}
