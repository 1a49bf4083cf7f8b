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

/// A summary of counts. What does not fit a signed 64-bit number spills into the `overflow` fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ULongStatsSet {
    pub min: i64,
    pub max: i64,
    pub sample_count: i64,
    pub sum: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overflow_min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overflow_max: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overflow_sum: Option<i64>,
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
        let (value, over) = split(value);
        if self.sample_count == 0 {
            (self.min, self.overflow_min) = (value, over);
            (self.max, self.overflow_max) = (value, over);
        }
        let total =
            |whole: i64, over: Option<i64>| i128::from(whole) + i128::from(over.unwrap_or(0));
        if total(value, over) < total(self.min, self.overflow_min) {
            (self.min, self.overflow_min) = (value, over);
        }
        if total(value, over) > total(self.max, self.overflow_max) {
            (self.max, self.overflow_max) = (value, over);
        }
        let sum = total(self.sum, self.overflow_sum) + total(value, over);
        self.sum = i64::try_from(sum).unwrap_or(i64::MAX);
        self.overflow_sum = (sum > i128::from(i64::MAX))
            .then(|| i64::try_from(sum - i128::from(i64::MAX)).unwrap_or(i64::MAX));
        self.sample_count += 1;
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
