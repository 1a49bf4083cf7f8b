//! Summaries of samples, as CloudWatch takes them.

use serde::{Deserialize, Serialize};

/// A summary of fractions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CWStatsSet {
    pub min: f64,
    pub max: f64,
    pub sample_count: i64,
    pub sum: f64,
}

/// A summary of counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "SignedCounts", into = "SignedCounts")]
pub struct ULongStatsSet {
    pub min: u64,
    pub max: u64,
    pub sample_count: i64,
    pub sum: u64,
}

/// The same as frames have it: what does not fit a signed 64-bit number spills into the `overflow` fields.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SignedCounts {
    min: i64,
    max: i64,
    sample_count: i64,
    sum: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    overflow_min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overflow_max: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overflow_sum: Option<i64>,
}

impl CWStatsSet {
    /// Takes one more sample in.
    pub fn add(&mut self, value: f64) {
        if self.sample_count == 0 {
            (self.min, self.max) = (value, value);
        }
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.sum += value;
        self.sample_count += 1;
    }
}

impl ULongStatsSet {
    /// Takes one more sample in.
    pub fn add(&mut self, value: u64) {
        if self.sample_count == 0 {
            (self.min, self.max) = (value, value);
        }
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.sum = self.sum.saturating_add(value);
        self.sample_count += 1;
    }
}

impl From<SignedCounts> for ULongStatsSet {
    fn from(told: SignedCounts) -> Self {
        let whole = |signed: i64, over: Option<i64>| {
            let part = |signed: i64| u64::try_from(signed).unwrap_or(0);
            part(signed).saturating_add(part(over.unwrap_or(0)))
        };
        ULongStatsSet {
            min: whole(told.min, told.overflow_min),
            max: whole(told.max, told.overflow_max),
            sample_count: told.sample_count,
            sum: whole(told.sum, told.overflow_sum),
        }
    }
}

impl From<ULongStatsSet> for SignedCounts {
    fn from(set: ULongStatsSet) -> Self {
        let (min, overflow_min) = split(set.min);
        let (max, overflow_max) = split(set.max);
        let (sum, overflow_sum) = split(set.sum);
        let sample_count = set.sample_count;
        SignedCounts { min, max, sample_count, sum, overflow_min, overflow_max, overflow_sum }
    }
}

/// AWS: a number past the signed range is that range's end, and the rest apart.
fn split(value: u64) -> (i64, Option<i64>) {
    match i64::try_from(value) {
        Ok(value) => (value, None),
        Err(_) => {
            let rest = value - i64::MAX as u64;
            (i64::MAX, Some(i64::try_from(rest).unwrap_or(i64::MAX)))
        }
    }
}
