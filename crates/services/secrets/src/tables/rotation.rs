//! How a secret is rotated: by what, and when.

use berth_control::ports::TaskKind;
use berth_model::Timestamp;
use minicbor::{Decode, Encode};

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SecretRotation {
    #[n(0)]
    pub rotator: Rotator,
    /// `None`: it is rotated when somebody asks for it, and never otherwise.
    #[n(1)]
    pub rules: Option<RotationRules>,
    #[n(2)]
    pub enabled: bool,
    /// When the rules were given: what a rate in hours counts from.
    #[n(3)]
    pub ruled_at: Timestamp,
    #[n(4)]
    pub rotated_at: Option<Timestamp>,
    /// When the next window opens.
    #[n(5)]
    pub due_at: Option<Timestamp>,
}

/// A task in place of AWS's Lambda function.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Rotator {
    /// As the request has it.
    #[n(0)]
    pub arn: String,
    /// What it meant then: a revision that is registered later needs another RotateSecret.
    #[n(1)]
    pub kind: TaskKind,
}

/// As the request has them, which has been checked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RotationRules {
    #[n(0)]
    pub schedule: RotationSchedule,
    /// The length of the window: `3h`.
    #[n(1)]
    pub duration: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum RotationSchedule {
    #[n(0)]
    AfterDays(#[n(0)] u32),
    /// `rate(…)` or `cron(…)`.
    #[n(1)]
    Expression(#[n(0)] String),
}
