//! How other parts of the control plane let a task go on that they hold.
//!
//! A hold is put on a task's record when the task is made, in the same transaction. Taking it off wakes the
//! agent's session like any other change: nobody has to be told here.

use std::convert::Infallible;

use berth_control::cell::WriteError;
use berth_model::TaskId;

use crate::progress;
use crate::service::Ecs;
use crate::tables::{HeldStage, Task};

impl Ecs {
    /// Takes off what `by` holds. A task that is gone, or that it does not hold, is no error.
    pub async fn release(
        &self,
        id: TaskId,
        stage: HeldStage,
        by: &str,
    ) -> Result<(), WriteError<Infallible>> {
        let (by, now) = (by.to_owned(), self.env.now());
        self.cell
            .write(move |tx| {
                let next = tx
                    .get::<Task>(&id)
                    .and_then(|task| progress::released(tx, task, stage, &by, now));
                if let Some(next) = next {
                    tx.put(next);
                }
                Ok(())
            })
            .await
    }
}
