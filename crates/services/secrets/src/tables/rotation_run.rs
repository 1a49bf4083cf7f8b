//! A rotation that is under way: which step of it, and the task that does the step.

use berth_control::ports::TaskKind;
use berth_control::tables::{Record, TableId};
use berth_model::{Scope, TaskId, Timestamp};
use minicbor::{Decode, Encode};

use super::SecretKey;

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RotationRun {
    #[n(0)]
    pub scope: Scope,
    #[n(1)]
    pub secret: String,
    /// Of the secret's ARN: another secret of the same name is not rotated by it.
    #[n(2)]
    pub suffix: String,
    /// Its own id, in hexadecimal digits.
    #[n(3)]
    pub id: String,
    /// The id of the version that it is to put in force: the client token of its rotator's requests.
    #[n(4)]
    pub version: String,
    #[n(5)]
    pub kind: TaskKind,
    #[n(6)]
    pub step: RotationStep,
    /// Whether the rotator is to be tried and nothing to be rotated.
    #[n(7)]
    pub is_trial: bool,
    /// Counts from 1.
    #[n(8)]
    pub attempt: u32,
    /// When this step begins, or has begun.
    #[n(9)]
    pub begins_at: Timestamp,
    /// The task that does this step, known before it is started.
    #[n(10)]
    pub task: TaskId,
    #[n(11)]
    pub is_started: bool,
    /// It is to end as soon as its task is stopped.
    #[n(12)]
    pub is_cancelled: bool,
}

/// In the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum RotationStep {
    #[n(0)]
    CreateSecret,
    #[n(1)]
    SetSecret,
    #[n(2)]
    TestSecret,
    #[n(3)]
    FinishSecret,
}

impl RotationStep {
    pub fn next(self) -> Option<Self> {
        match self {
            RotationStep::CreateSecret => Some(RotationStep::SetSecret),
            RotationStep::SetSecret => Some(RotationStep::TestSecret),
            RotationStep::TestSecret => Some(RotationStep::FinishSecret),
            RotationStep::FinishSecret => None,
        }
    }

    /// AWS: as rotators know it.
    pub fn as_str(self) -> &'static str {
        match self {
            RotationStep::CreateSecret => "createSecret",
            RotationStep::SetSecret => "setSecret",
            RotationStep::TestSecret => "testSecret",
            RotationStep::FinishSecret => "finishSecret",
        }
    }
}

impl RotationRun {
    pub fn secret_key(&self) -> SecretKey {
        (self.scope.clone(), self.secret.clone())
    }
}

impl Record for RotationRun {
    const TABLE: TableId = TableId::new(242, "secret-rotation-runs");
    type Key = (SecretKey, String);
    type Indexes = ();

    fn key(&self) -> (SecretKey, String) {
        (self.secret_key(), self.id.clone())
    }

    berth_control::record_codec!();
}
