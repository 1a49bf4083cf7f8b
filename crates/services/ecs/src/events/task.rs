//! ECS Task State Change.

use berth_aws_api::ecs as api;
use berth_control::tables::{Changed, View};
use berth_model::ContainerInstanceId;
use serde_json::{Map, Value};

use super::detail::{self, Detail};
use super::told::{Tells, Told};
use crate::render;
use crate::tables::{Cluster, Frozen, Reservation, Subject, Task};

impl Tells for Task {
    /// A task's version counts what users can see; that it is forgotten is no change of it.
    fn tell(change: Changed<'_, Self>, told: &mut Told) {
        let Changed { before, after } = change;
        if let Some(task) = after
            && before.map(|before| before.version) != Some(task.version)
        {
            told.subjects.push((task.cluster, Subject::Task(Frozen::new(task))));
        }
        let (had, has) = (before.and_then(taken), after.and_then(taken));
        if had != has {
            told.resources.extend(had.into_iter().chain(has).map(|(instance, _)| instance));
        }
    }
}

/// What the task takes, and of which instance.
fn taken(task: &Task) -> Option<(ContainerInstanceId, &Reservation)> {
    task.container_instance.filter(|_| task.holds_resources()).map(|id| (id, &task.reserved))
}

/// AWS: the detail is like DescribeTasks' answer, but without tags, and with an agent's status under another name.
pub fn detail(view: &impl View, cluster: &Cluster, task: &Task) -> Detail {
    let shown = api::Task { tags: None, ..render::task(view, cluster, task, false) };
    let mut members = detail::members(&shown);
    for container in objects(members.get_mut("containers")) {
        for agent in objects(container.get_mut("managedAgents")) {
            if let Some(status) = agent.remove("lastStatus") {
                agent.insert("status".to_owned(), status);
            }
        }
    }
    Detail { resource: render::task_arn(cluster, task).to_string(), members }
}

fn objects(list: Option<&mut Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let list = list.and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}
