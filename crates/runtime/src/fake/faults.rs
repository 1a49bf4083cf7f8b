//! What goes wrong with calls, and how long they take.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::dice::Dice;
use crate::{ErrorKind, RuntimeError, Verb};

#[derive(Debug, Default)]
pub(super) struct Faults {
    queued: Vec<Fault>,
    rates: BTreeMap<Verb, f64>,
    delays: BTreeMap<Verb, RangeInclusive<Duration>>,
    /// Nothing more can be written on the host's disk.
    pub refuses_writes: bool,
}

/// What writes on the disk.
const WRITES: [Verb; 3] = [Verb::Pull, Verb::Create, Verb::CreateVolume];

#[derive(Debug)]
struct Fault {
    verb: Verb,
    kind: ErrorKind,
    message: String,
    when: When,
}

/// When, seen from the engine's work, the fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// The work is not done.
    Before,
    /// The work is done, and the caller does not hear of it.
    After,
}

impl Faults {
    pub fn queue(&mut self, verb: Verb, when: When, kind: ErrorKind, message: &str) {
        self.queued.push(Fault { verb, kind, message: message.to_owned(), when });
    }

    pub fn set_rate(&mut self, verb: Verb, probability: f64) {
        self.rates.insert(verb, probability);
    }

    pub fn set_delay(&mut self, verb: Verb, delay: RangeInclusive<Duration>) {
        self.delays.insert(verb, delay);
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn delay(&self, verb: Verb, dice: &mut Dice) -> Duration {
        self.delays.get(&verb).map_or(Duration::ZERO, |range| dice.duration(range))
    }

    /// The fault that this call meets, if any.
    pub fn strike(&mut self, verb: Verb, dice: &mut Dice) -> Option<(When, RuntimeError)> {
        if self.refuses_writes && WRITES.contains(&verb) {
            let error = RuntimeError::new(verb, ErrorKind::Failed, "no space left on device");
            return Some((When::Before, error));
        }
        if let Some(index) = self.queued.iter().position(|fault| fault.verb == verb) {
            let fault = self.queued.remove(index);
            return Some((fault.when, RuntimeError::new(verb, fault.kind, fault.message)));
        }
        let rate = self.rates.get(&verb).copied()?;
        if !dice.chance(rate) {
            return None;
        }
        let when = if dice.chance(0.5) { When::Before } else { When::After };
        let (kind, message) = match when {
            When::Before => (ErrorKind::Failed, "the engine failed at it"),
            When::After => (ErrorKind::Unreachable, "the connection broke before the answer came"),
        };
        Some((when, RuntimeError::new(verb, kind, message)))
    }
}
