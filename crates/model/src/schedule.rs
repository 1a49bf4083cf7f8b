//! Schedules, as AWS writes them: `rate(4 hours)` and `cron(0 16 ? * FRI#1 *)`, in UTC.
//!
//! What is here is the language, and when a cron expression's time comes next. Which rates and which fields of a cron
//! expression a service takes is for the service to say, and so is what a rate counts from.
//!
//! Start with `schedule/cron.rs`; `schedule/field.rs` reads one of its fields.

mod cron;
mod field;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

pub use cron::Cron;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    Rate(Rate),
    Cron(Cron),
}

/// Again and again, this far apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// At least 1.
    pub value: u32,
    pub unit: RateUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateUnit {
    Minutes,
    Hours,
    Days,
}

/// Why a text is not a schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a schedule: {why}")]
pub struct ScheduleError {
    text: String,
    why: String,
}

impl Rate {
    pub fn period(self) -> Duration {
        let minutes = match self.unit {
            RateUnit::Minutes => 1,
            RateUnit::Hours => 60,
            RateUnit::Days => 24 * 60,
        };
        Duration::from_secs(u64::from(self.value) * minutes * 60)
    }

    /// AWS: `minute` or `minutes`, and so on.
    fn read(text: &str) -> Result<Self, String> {
        let (value, unit) = text.split_once(' ').ok_or("it has a number and a unit")?;
        let value = value.parse().ok().filter(|value| *value > 0);
        let value = value.ok_or("its number is a positive one")?;
        let unit = match unit.trim_start() {
            "minute" | "minutes" => RateUnit::Minutes,
            "hour" | "hours" => RateUnit::Hours,
            "day" | "days" => RateUnit::Days,
            _ => return Err("its unit is minutes, hours or days".to_owned()),
        };
        Ok(Self { value, unit })
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let within = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        let read = match (within("rate"), within("cron")) {
            (Some(rate), _) => Rate::read(rate).map(Schedule::Rate),
            (None, Some(fields)) => Cron::read(fields).map(Schedule::Cron),
            (None, None) => Err("it is rate(…) or cron(…)".to_owned()),
        };
        read.map_err(|why| ScheduleError { text: text.to_owned(), why })
    }
}

/// A form that parses to the same schedule.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Schedule::Rate(Rate { value, unit }) => {
                let unit = match unit {
                    RateUnit::Minutes => "minute",
                    RateUnit::Hours => "hour",
                    RateUnit::Days => "day",
                };
                let several = if *value == 1 { "" } else { "s" };
                write!(f, "rate({value} {unit}{several})")
            }
            Schedule::Cron(cron) => write!(f, "cron({cron})"),
        }
    }
}

#[cfg(test)]
mod tests;
