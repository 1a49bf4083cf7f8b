//! Brings rotations to their end: starts the task of each step, waits for it, and goes on or tries again.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_aws_api::secretsmanager as api;
use berth_control::cell::{Snapshot, Transaction};
use berth_control::ports::{TaskOutcome, TaskRefusal, TaskRun};
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::{Change, Record, View};
use berth_model::{TaskId, Timestamp};

use crate::secretsmanager::rotation::runs;
use crate::service::Secrets;
use crate::tables::{RotationRun, Secret};

/// How long a step may take, the wait for room included. AWS: as long as a Lambda function may run.
const LONGEST_STEP: Duration = Duration::from_secs(15 * 60);
/// How soon a cluster without room is asked again.
const ROOM_WAIT: Duration = Duration::from_secs(30);

type Key = <RotationRun as Record>::Key;

pub struct RotateSecrets {
    secrets: Arc<Secrets>,
}

/// What comes of a look at a run.
enum Judged {
    /// Nothing to do for so long.
    Wait(Duration),
    Start,
    /// The task runs, which was not known for sure.
    Started,
    Done,
    Failed(String),
    /// It does not end: it is to be stopped.
    TooLong,
}

impl RotateSecrets {
    pub fn new(secrets: Arc<Secrets>) -> Self {
        Self { secrets }
    }

    fn judge(&self, run: &RotationRun, now: Timestamp) -> Judged {
        if now < run.begins_at {
            return Judged::Wait(run.begins_at.since(now));
        }
        let left = (run.begins_at + LONGEST_STEP).since(now);
        match self.secrets.tasks.outcome(run.task) {
            Some(TaskOutcome::Succeeded) => Judged::Done,
            Some(TaskOutcome::Failed(why)) => Judged::Failed(why),
            Some(TaskOutcome::Running) if left.is_zero() => Judged::TooLong,
            Some(TaskOutcome::Running) if !run.is_started => Judged::Started,
            Some(TaskOutcome::Running) => Judged::Wait(left),
            None if run.is_started => {
                Judged::Failed("nobody knows of its task any more".to_owned())
            }
            // Whoever might have started one before has no say any more.
            None if left.is_zero() => Judged::Failed("no task could be started in time".to_owned()),
            None => Judged::Start,
        }
    }

    /// Starts the task; how long to wait if there is no room for it.
    async fn start(
        &self,
        run: &RotationRun,
        secret: &Secret,
        now: Timestamp,
    ) -> anyhow::Result<Next> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let environment = [
            pair("SECRET_ID", &secret.arn()),
            pair("CLIENT_REQUEST_TOKEN", &run.version),
            pair("STEP", run.step.as_str()),
        ];
        let wanted = TaskRun {
            id: run.task,
            scope: run.scope.clone(),
            kind: run.kind.clone(),
            started_by: format!("secretsmanager/{}", run.id),
            environment: environment.into(),
            now,
        };
        match self.secrets.tasks.run(wanted).await {
            Ok(()) => {
                let started = RotationRun { is_started: true, ..run.clone() };
                self.write(run, move |tx, _, _| _ = tx.put(started)).await?;
                Ok(Next::After(Duration::ZERO))
            }
            Err(TaskRefusal::NoRoom(why)) => {
                tracing::info!(secret = run.secret, why, "a rotation waits for room");
                let left = (run.begins_at + LONGEST_STEP).since(now);
                Ok(Next::After(left.min(ROOM_WAIT)))
            }
            Err(TaskRefusal::Refused(why)) => {
                self.write(run, move |tx, run, task| runs::fail(tx, run, &why, task, now)).await?;
                Ok(Next::After(Duration::ZERO))
            }
            Err(TaskRefusal::Internal(error)) => Err(error),
        }
    }

    /// Changes a run, unless somebody else has meanwhile. `change` gets the id of a next task.
    async fn write(
        &self,
        seen: &RotationRun,
        change: impl FnOnce(&mut Transaction, &RotationRun, TaskId) + Send + 'static,
    ) -> anyhow::Result<()> {
        let Secrets { cell, env, .. } = &*self.secrets;
        let (seen, task) = (seen.clone(), TaskId::from_bytes(env.id()));
        let write = move |tx: &mut Transaction| {
            if tx.get::<RotationRun>(&seen.key()) == Some(&seen) {
                change(tx, &seen, task);
            }
            Ok::<_, api::Error>(())
        };
        Ok(cell.write(write).await?)
    }
}

/// The secret of a run that is to go on.
fn rotated<'v>(view: &'v impl View, run: &RotationRun) -> Option<&'v Secret> {
    let secret = view.get::<Secret>(&run.secret_key())?;
    let is_meant = secret.suffix == run.suffix && secret.deletes_at.is_none();
    (is_meant && !run.is_cancelled).then_some(secret)
}

#[async_trait]
impl Reconciler for RotateSecrets {
    type Key = Key;

    fn name(&self) -> &'static str {
        "rotate-secrets"
    }

    fn keys(&self, snapshot: &Snapshot) -> Vec<Key> {
        snapshot.table::<RotationRun>().iter().map(Record::key).collect()
    }

    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(Key)) {
        if let Some(run) = change.of::<RotationRun>() {
            return wake(run.key());
        }
        let ended = self.secrets.tasks.ended(change);
        let secret = change.of::<Secret>();
        if ended.is_none() && secret.is_none() {
            return;
        }
        // Few rotations are under way at any time.
        let view = self.secrets.cell.snapshot();
        let is_meant = |run: &&RotationRun| {
            ended == Some(run.task)
                || secret.as_ref().is_some_and(|secret| secret.key() == run.secret_key())
        };
        view.table::<RotationRun>().iter().filter(is_meant).for_each(|run| wake(run.key()));
    }

    async fn reconcile(&self, key: &Key) -> anyhow::Result<Next> {
        let Secrets { cell, env, tasks, .. } = &*self.secrets;
        let (view, now) = (cell.snapshot(), env.now());
        let Some(run) = view.get::<RotationRun>(key) else { return Ok(Next::Done) };
        let Some(secret) = rotated(&view, run) else {
            tasks.stop(run.task, "The rotation was cancelled.", now).await?;
            self.write(run, |tx, run, _| runs::forget(tx, run)).await?;
            return Ok(Next::Done);
        };
        match self.judge(run, now) {
            Judged::Wait(time) => return Ok(Next::After(time)),
            Judged::Start => return self.start(run, secret, now).await,
            Judged::Started => {
                let started = RotationRun { is_started: true, ..run.clone() };
                self.write(run, move |tx, _, _| _ = tx.put(started)).await?;
            }
            Judged::Done => {
                self.write(run, move |tx, run, task| runs::step_done(tx, run, task, now)).await?;
            }
            Judged::Failed(why) => {
                self.write(run, move |tx, run, task| runs::fail(tx, run, &why, task, now)).await?;
            }
            Judged::TooLong => {
                tasks.stop(run.task, "A step of a rotation took too long.", now).await?;
                let why = "its task did not end in time";
                self.write(run, move |tx, run, task| runs::fail(tx, run, why, task, now)).await?;
            }
        }
        Ok(Next::After(Duration::ZERO))
    }
}
