//! How a rotation goes on: it begins, goes from step to step, and succeeds, fails or is left alone.
//!
//! Everything here happens within a transaction. Which task does a step is known before it is started, so it is never
//! started twice.

use std::time::Duration;

use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::env::Env;
use berth_control::pipeline::RequestId;
use berth_control::tables::{Record, View};
use berth_model::{TaskId, Timestamp};

use super::next_due;
use crate::secretsmanager::refusals::Refusal;
use crate::secretsmanager::value;
use crate::secretsmanager::versions::{self, NewVersion};
use crate::service::Secrets;
use crate::tables::{CURRENT, PENDING, RotationRun, RotationStep, Secret, SecretVersion};

/// AWS: the whole rotation is attempted several times. Ours: so often, with waits that grow from a minute to an hour.
pub const MOST_ATTEMPTS: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_secs(60);

/// Ids, made beforehand: a transaction has no randomness of its own.
#[derive(Clone, Debug)]
pub struct RunIds {
    pub run: String,
    pub task: TaskId,
    /// For a version, if there is none yet.
    pub version: String,
}

impl RunIds {
    pub fn new(env: &Env) -> Self {
        Self {
            run: hex::encode(env.id()),
            task: TaskId::from_bytes(env.id()),
            version: RequestId::from_bytes(env.id()).to_string(),
        }
    }
}

/// The rotation that is under way.
pub fn under_way<'v>(view: &'v impl View, secret: &Secret) -> Option<&'v RotationRun> {
    let runs = view.table::<RotationRun>();
    let key = (secret.scope.clone(), secret.name.clone());
    runs.within(&key).find(|run| run.suffix == secret.suffix && !run.is_cancelled)
}

/// The version of a rotation that was begun and not brought to its end.
pub fn pending(secret: &Secret) -> Option<&str> {
    let pending = secret.stages.version(PENDING);
    pending.filter(|pending| secret.stages.current() != Some(*pending))
}

/// Begins a rotation of a secret, which has none under way and is not yet back in its table.
///
/// AWS: the label is on a version without a value, which the first step brings.
pub fn begin(tx: &mut Transaction, secret: &mut Secret, ids: RunIds, now: Timestamp) {
    let Some(rotation) = &secret.rotation else { return };
    let version = pending(secret).map_or(ids.version, str::to_owned);
    let run = RotationRun {
        scope: secret.scope.clone(),
        secret: secret.name.clone(),
        suffix: secret.suffix.clone(),
        id: ids.run,
        version: version.clone(),
        kind: rotation.rotator.kind.clone(),
        step: RotationStep::CreateSecret,
        is_trial: false,
        attempt: 1,
        begins_at: now,
        task: ids.task,
        is_started: false,
        is_cancelled: false,
    };
    secret.stages.shift(PENDING, &version);
    tx.put(run);
}

/// Begins a trial: the rotator is asked to test a version that has the value in force, which is then taken away.
///
/// AWS: so a rotator is tried that is not to rotate at once.
pub fn begin_trial(
    tx: &mut Transaction,
    secrets: &Secrets,
    secret: &mut Secret,
    ids: RunIds,
    now: Timestamp,
) -> Result<(), Refusal> {
    let in_force = secret.stages.current().and_then(|id| versions::find(tx, secret, id)).cloned();
    let token = ids.version.clone();
    begin(tx, secret, ids, now);
    if let Some(mut run) = under_way(tx, secret).cloned() {
        run.is_trial = true;
        run.step = RotationStep::TestSecret;
        tx.put(run);
    }
    if let Some(version) = in_force {
        let value = value::open(tx, secrets, secret, &version)?;
        let changed_at = secret.changed_at;
        let new = NewVersion { token, value, labels: [PENDING.to_owned()].into() };
        versions::put(tx, secrets, secret, &new, now)?;
        secret.changed_at = changed_at;
    }
    Ok(())
}

/// The task of a run has done its step: the next one begins, or the rotation is over.
pub fn step_done(tx: &mut Transaction, run: &RotationRun, task: TaskId, now: Timestamp) {
    if run.is_trial {
        tracing::info!(secret = run.secret, "the rotator of a secret has been tried");
        return forget_trial(tx, run);
    }
    match run.step.next() {
        Some(step) => {
            tx.put(RotationRun { step, begins_at: now, task, is_started: false, ..run.clone() });
        }
        None => succeed(tx, run, task, now),
    }
}

fn succeed(tx: &mut Transaction, run: &RotationRun, task: TaskId, now: Timestamp) {
    let Some(mut secret) = tx.get::<Secret>(&run.secret_key()).cloned() else { return };
    if secret.stages.current() != Some(&run.version) {
        let why = format!("{} has not put version {} in force", run.step.as_str(), run.version);
        return fail(tx, run, &why, task, now);
    }
    tracing::info!(secret = secret.arn(), version = run.version, "secret rotated");
    if let Some(rotation) = &mut secret.rotation {
        rotation.rotated_at = Some(now);
        rotation.due_at = next_due(rotation, now);
    }
    tx.put(secret);
    tx.delete::<RotationRun>(&run.key());
}

/// A step has failed: the whole rotation is attempted again later, or, after several times, when it is due again. The
/// version that it is about stays the same.
pub fn fail(tx: &mut Transaction, run: &RotationRun, why: &str, task: TaskId, now: Timestamp) {
    let RotationRun { secret, version, step, attempt, .. } = run;
    tracing::warn!(secret, version, step = step.as_str(), attempt, why, "rotation failed");
    if run.is_trial {
        return forget_trial(tx, run);
    }
    if run.attempt < MOST_ATTEMPTS {
        let wait = FIRST_WAIT * 4_u32.pow(run.attempt - 1);
        tx.put(RotationRun {
            step: RotationStep::CreateSecret,
            attempt: run.attempt + 1,
            begins_at: now + wait,
            task,
            is_started: false,
            ..run.clone()
        });
        return;
    }
    tx.delete::<RotationRun>(&run.key());
    tx.update::<Secret>(&run.secret_key(), |secret| {
        if let Some(rotation) = &mut secret.rotation {
            rotation.due_at = next_due(rotation, now);
        }
    });
}

/// Nothing stays of a run that was cancelled. AWS: its labels stay where they are, but those of a trial.
pub fn forget(tx: &mut Transaction, run: &RotationRun) {
    match run.is_trial {
        true => forget_trial(tx, run),
        false => {
            tx.delete::<RotationRun>(&run.key());
        }
    }
}

/// With the version that was tried, unless the rotator has put it in force.
fn forget_trial(tx: &mut Transaction, run: &RotationRun) {
    tx.delete::<RotationRun>(&run.key());
    let Some(mut secret) = tx.get::<Secret>(&run.secret_key()).cloned() else { return };
    if secret.suffix == run.suffix && pending(&secret) == Some(&run.version) {
        secret.stages.remove(PENDING);
        tx.put(secret);
        tx.delete::<SecretVersion>(&(run.secret_key(), run.version.clone()));
    }
}

/// AWS: the words for whoever begins a rotation while another one has not ended.
pub fn not_ended() -> api::Error {
    api::Error::invalid_request(
        "A previous rotation isn't complete. That rotation will be reattempted.",
    )
}

/// A request that was sent before has begun, or has already ended, the rotation by its token.
pub fn is_of(secret: &Secret, token: &str) -> bool {
    [PENDING, CURRENT].iter().any(|label| secret.stages.version(label) == Some(token))
}
