//! What a service remembers from one plan to the next.

use std::time::Duration;

use berth_model::Timestamp;
use minicbor::{Decode, Encode};

/// AWS: what is still so after six hours is told again.
const TELL_AGAIN_AFTER: Duration = Duration::from_hours(6);

/// Kept by the caller and shown again; what is in it is this crate's business.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Memory {
    /// The desired count that the last plan was made for.
    #[n(0)]
    pub(crate) desired_count: Option<u32>,
    /// What was told, and still holds.
    #[n(1)]
    pub(crate) told: Vec<Told>,
    /// How many tasks beyond the desired count were started to even out the zones.
    #[n(2)]
    pub(crate) rebalancing: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Told {
    #[n(0)]
    topic: Topic,
    #[n(1)]
    at: Timestamp,
}

/// What is told once for as long as it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum Topic {
    #[n(0)]
    Steady,
    #[n(1)]
    NoPlace,
    #[n(2)]
    Throttled,
    #[n(3)]
    Bounds,
    #[n(4)]
    Protection,
    #[n(5)]
    Constraints,
}

/// Tasks that repeatedly stopped before they ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
pub struct Throttle {
    /// Attempts in a row. Tasks that were started together and failed are one.
    #[n(0)]
    pub attempts: u32,
    #[n(1)]
    pub failed_at: Option<Timestamp>,
    /// No task is started before.
    #[n(2)]
    pub retry_at: Option<Timestamp>,
}

impl Memory {
    /// Whether to tell it now, and when it would be told again.
    pub(crate) fn tell(&mut self, topic: Topic, now: Timestamp) -> (bool, Timestamp) {
        match self.told.iter_mut().find(|told| told.topic == topic) {
            Some(told) if now < told.at + TELL_AGAIN_AFTER => (false, told.at + TELL_AGAIN_AFTER),
            Some(told) => {
                told.at = now;
                (true, now + TELL_AGAIN_AFTER)
            }
            None => {
                self.told.push(Told { topic, at: now });
                (true, now + TELL_AGAIN_AFTER)
            }
        }
    }

    /// Everything else has ceased to hold.
    pub(crate) fn keep_only(&mut self, topics: &[Topic]) {
        self.told.retain(|told| topics.contains(&told.topic));
    }
}
