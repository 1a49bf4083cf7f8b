//! The credentials that this session's agent holds: which it was given, and when each has to be renewed.
//!
//! Nothing of them is stored. A task gets its first with the payload that brings it; what runs already when a session
//! begins gets new ones, since nobody knows what the agent still has. A renewal that is not acknowledged is followed by
//! another. Tasks without roles are not in here.

use std::collections::BTreeMap;
use std::time::Duration;

use berth_agent_protocol::acs::{IAMRoleCredentials, IAMRoleCredentialsMessage};
use berth_control::ports::RoleRefusal;
use berth_control::tables::View;
use berth_model::{ContainerInstanceId, TaskId, TaskStatus, Timestamp};
use tokio::time::Instant;

use crate::render;
use crate::roles::{self, RoleKind, Roles};
use crate::service::Ecs;
use crate::tables::{Cluster, Task, TaskDefinition};

/// How long an agent may take to acknowledge a renewal, and a role that is refused is left alone.
const PATIENCE: Duration = Duration::from_secs(10);

/// What this session's agent holds, by task and role.
#[derive(Debug, Default)]
pub struct Held {
    roles: BTreeMap<(TaskId, RoleKind), Holding>,
}

#[derive(Debug)]
struct Holding {
    renew_at: Instant,
    /// The renewal that is under way.
    message: Option<String>,
}

/// What a task that is told of for the first time gets.
#[derive(Debug, Default)]
pub struct Given {
    pub task: Option<IAMRoleCredentials>,
    pub execution: Option<IAMRoleCredentials>,
}

impl Held {
    /// As a session begins: the roles of everything that runs already are due. What does not is told of in a payload.
    pub fn take_over(view: &impl View, instance: &ContainerInstanceId) -> Self {
        let tasks = view.table::<Task>();
        let of_instance = tasks.indexes().unfinished_by_instance.get(instance);
        let running = of_instance
            .filter_map(|id| tasks.get(id))
            .filter(|task| task.last_status >= TaskStatus::Activating && needs_roles(task));
        let now = Instant::now();
        let roles = running.flat_map(|task| {
            let credentials = task.credentials.as_deref();
            let of_task = move |kind| credentials?.get(kind).map(|_| (task.id, kind));
            RoleKind::ALL.into_iter().filter_map(of_task)
        });
        let due = |role| (role, Holding { renew_at: now, message: None });
        Self { roles: roles.map(due).collect() }
    }

    /// When the first of them has to be renewed.
    pub fn renew_at(&self) -> Option<Instant> {
        self.roles.values().map(|held| held.renew_at).min()
    }

    /// What goes with a task into its payload. `Err`: it cannot have a role that it was promised, and must not run.
    pub fn give(&mut self, ecs: &Ecs, view: &impl View, task: &Task) -> Result<Given, String> {
        let issue = |kind: RoleKind| match issue(ecs, view, task, kind) {
            None => Ok(None),
            Some((_, Ok(issued))) => Ok(Some(issued)),
            Some((role, Err(refusal))) => Err(roles::refused(role, &refusal)),
        };
        let given = Given { task: issue(RoleKind::Task)?, execution: issue(RoleKind::Execution)? };
        let renew_at = Instant::now() + ecs.patience.role_credentials / 2;
        for (kind, given) in
            [(RoleKind::Task, &given.task), (RoleKind::Execution, &given.execution)]
        {
            if given.is_some() {
                self.roles.insert((task.id, kind), Holding { renew_at, message: None });
            }
        }
        Ok(given)
    }

    /// The renewals that are due, each under a message id of its own.
    pub fn renewals(
        &mut self,
        ecs: &Ecs,
        view: &impl View,
        cluster: &Cluster,
        mut message_id: impl FnMut() -> String,
    ) -> Vec<IAMRoleCredentialsMessage> {
        let now = Instant::now();
        let (mut messages, mut over) = (Vec::new(), Vec::new());
        for (role, held) in self.roles.iter_mut().filter(|(_, held)| held.renew_at <= now) {
            let (id, kind) = *role;
            let task = view.get::<Task>(&id).filter(|task| needs_roles(task));
            let Some((task, (name, issued))) =
                task.and_then(|task| Some((task, issue(ecs, view, task, kind)?)))
            else {
                over.push(*role);
                continue;
            };
            held.renew_at = now + PATIENCE;
            held.message = None;
            match issued {
                Ok(issued) => {
                    let message_id = held.message.insert(message_id()).clone();
                    messages.push(IAMRoleCredentialsMessage {
                        message_id,
                        task_arn: render::task_arn(cluster, task).to_string(),
                        task_cluster_arn: Some(render::cluster_arn(cluster).to_string()),
                        role_type: Some(kind.on_the_wire()),
                        role_credentials: Some(issued),
                    });
                }
                // What it has stays good until it expires, and the role may be put right by then.
                Err(refusal) => {
                    tracing::warn!(task = %id, role = name, %refusal, "credentials cannot be renewed");
                }
            }
        }
        for role in over {
            self.roles.remove(&role);
        }
        messages
    }

    /// The agent has what this message brought.
    pub fn acknowledged(&mut self, message: &str, lifetime: Duration) {
        let of_message = |held: &&mut Holding| held.message.as_deref() == Some(message);
        if let Some(held) = self.roles.values_mut().find(of_message) {
            held.message = None;
            held.renew_at = Instant::now() + lifetime / 2;
        }
    }
}

fn needs_roles(task: &Task) -> bool {
    task.last_status < TaskStatus::Deprovisioning
}

/// `None`: the task has no such role. With the role that was asked for.
fn issue<'v>(
    ecs: &Ecs,
    view: &'v impl View,
    task: &'v Task,
    kind: RoleKind,
) -> Option<(&'v str, Result<IAMRoleCredentials, RoleRefusal>)> {
    let id = task.credentials.as_ref()?.get(kind)?;
    let definition = view.get::<TaskDefinition>(&task.task_definition)?;
    let role = Roles::of(&definition.content, task.overrides.as_deref()).get(kind)?;
    let (lifetime, now): (Duration, Timestamp) = (ecs.patience.role_credentials, ecs.env.now());
    Some((role, roles::issue(&*ecs.roles, &task.scope, task.id, role, id, lifetime, now)))
}
