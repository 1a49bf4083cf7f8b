//! Deletes task definitions whose deletion was asked for, once no task and no service refers to them.
//!
//! A stopped task refers to its task definition for as long as it is remembered, since it is shown with it.

use std::convert::Infallible;

use async_trait::async_trait;
use berth_control::cell::{Cell, Snapshot, Transaction};
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::{Change, View};
use berth_model::{TaskDefinitionId, TaskDefinitionStatus};

use crate::tables::{ServiceDeployment, Task, TaskDefinition, TaskSet};

pub struct TaskDefinitionDeletion {
    cell: Cell,
}

impl TaskDefinitionDeletion {
    pub fn new(cell: Cell) -> Self {
        Self { cell }
    }
}

/// Whether nothing holds the row back any longer.
fn is_due(view: &impl View, id: &TaskDefinitionId) -> bool {
    let asked = view
        .get::<TaskDefinition>(id)
        .is_some_and(|row| row.status == TaskDefinitionStatus::DeleteInProgress);
    asked
        && view.table::<Task>().indexes().of_task_definition.get(id) == 0
        && !view.table::<ServiceDeployment>().indexes().by_task_definition.contains(id)
        && !view.table::<TaskSet>().indexes().by_task_definition.contains(id)
}

#[async_trait]
impl Reconciler for TaskDefinitionDeletion {
    type Key = TaskDefinitionId;

    fn name(&self) -> &'static str {
        "task-definition-deletion"
    }

    fn keys(&self, snapshot: &Snapshot) -> Vec<TaskDefinitionId> {
        let indexes = snapshot.table::<TaskDefinition>().indexes();
        indexes.by_delete_requested_at.iter().map(|(_, id)| *id).collect()
    }

    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(TaskDefinitionId)) {
        if let Some(definition) = change.of::<TaskDefinition>()
            && definition.latest().status == TaskDefinitionStatus::DeleteInProgress
        {
            wake(definition.key());
        }
        // A task that is forgotten may have been the last one.
        if let Some(task) = change.of::<Task>()
            && task.after.is_none()
        {
            wake(task.latest().task_definition);
        }
        if let Some(deployment) = change.of::<ServiceDeployment>()
            && deployment.after.is_none_or(|row| !row.is_in_play())
        {
            wake(deployment.latest().task_definition);
        }
        if let Some(set) = change.of::<TaskSet>()
            && set.after.is_none()
        {
            wake(set.latest().task_definition);
        }
    }

    async fn reconcile(&self, id: &TaskDefinitionId) -> anyhow::Result<Next> {
        let id = *id;
        if is_due(&self.cell.snapshot(), &id) {
            let delete = move |tx: &mut Transaction| {
                // Looked up anew: what was seen outside of the transaction may have changed.
                if is_due(tx, &id) {
                    tx.delete::<TaskDefinition>(&id);
                }
                Ok::<_, Infallible>(())
            };
            self.cell.write(delete).await?;
        }
        Ok(Next::Done)
    }
}
