//! Instants on TCS: seconds since the epoch with a fraction, as AWS's JSON has them.

use berth_model::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant that is written as a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EpochSeconds(pub Timestamp);

impl Serialize for EpochSeconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0.as_secs_f64())
    }
}

impl<'de> Deserialize<'de> for EpochSeconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        Timestamp::from_secs_f64(seconds)
            .map(Self)
            .ok_or_else(|| de::Error::custom("an instant must be a finite number of seconds"))
    }
}
