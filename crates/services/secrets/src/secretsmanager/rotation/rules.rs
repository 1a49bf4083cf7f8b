//! When a secret is rotated: every so many days or hours, or at the times of a cron expression, in UTC.
//!
//! AWS: a window opens on the hour, and closes an hour later, or with its day, or when its `Duration` has passed. Somewhere
//! in it a secret is rotated: here, as it opens.

use std::time::Duration;

use berth_aws_api::secretsmanager as api;
use berth_model::{Cron, Rate, RateUnit, Schedule, Timestamp};

use crate::secretsmanager::refusals::invalid;
use crate::tables::{RotationRules, RotationSchedule};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// AWS: not more often, and not more seldom.
const LEAST_HOURS: u32 = 4;
const MOST_DAYS: u32 = 999;

impl RotationRules {
    pub fn read(given: api::RotationRulesType) -> Result<Self, api::Error> {
        let schedule = match (given.automatically_after_days, given.schedule_expression) {
            (Some(_), Some(_)) => {
                return Err(invalid(
                    "You can't use AutomaticallyAfterDays in conjunction with ScheduleExpression.",
                ));
            }
            (None, None) => {
                return Err(invalid(
                    "RotationRules must have AutomaticallyAfterDays or ScheduleExpression.",
                ));
            }
            // The model's validation has seen that it is between 1 and 1,000.
            (Some(days), None) => RotationSchedule::AfterDays(days as u32),
            (None, Some(expression)) => RotationSchedule::Expression(expression),
        };
        let rules = Self { schedule, duration: given.duration };
        let longest = match &rules.schedule {
            RotationSchedule::AfterDays(_) => 24,
            RotationSchedule::Expression(_) => longest_window(&rules.schedule()?)?,
        };
        match rules.hours() {
            None if rules.duration.is_some() => {
                Err(invalid("The Duration is a number of hours from 1 to 24, such as 3h."))
            }
            Some(hours) if hours > longest => Err(invalid(format!(
                "The Duration of {hours} hours is too long: the window must not go on into the next one or the next \
                 day, so {longest} hours are the most."
            ))),
            _ => Ok(rules),
        }
    }

    pub fn render(&self) -> api::RotationRulesType {
        let (days, expression) = match &self.schedule {
            RotationSchedule::AfterDays(days) => (Some(i64::from(*days)), None),
            RotationSchedule::Expression(text) => (None, Some(text.clone())),
        };
        api::RotationRulesType {
            automatically_after_days: days,
            schedule_expression: expression,
            duration: self.duration.clone(),
        }
    }

    /// When the next window opens: later than `now`.
    ///
    /// AWS: days count from the day of the last rotation, and a window opens at midnight. Hours count from the midnight
    /// before the rules were given.
    pub fn opens(
        &self,
        ruled_at: Timestamp,
        rotated_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        match self.schedule().ok()? {
            Schedule::Cron(cron) => cron.next_after(now),
            Schedule::Rate(rate) if rate.unit == RateUnit::Days => {
                let from = |at| midnight(at) + rate.period();
                let due = from(rotated_at.unwrap_or(ruled_at));
                Some(if due > now { due } else { from(now) })
            }
            Schedule::Rate(rate) => {
                let first = midnight(ruled_at);
                let period = rate.period().as_millis().max(1);
                let passed = now.since(first).as_millis() / period + 1;
                let millis = u64::try_from(passed * period).unwrap_or(u64::MAX);
                Some(first + Duration::from_millis(millis))
            }
        }
    }

    /// When the window closes that opens then.
    pub fn closes(&self, opens: Timestamp) -> Timestamp {
        match (self.hours(), self.schedule()) {
            (Some(hours), _) => opens + HOUR * hours,
            (None, Ok(schedule)) if is_in_hours(&schedule) => opens + HOUR,
            (None, _) => midnight(opens) + DAY,
        }
    }

    fn schedule(&self) -> Result<Schedule, api::Error> {
        match &self.schedule {
            RotationSchedule::AfterDays(days) => {
                Ok(Schedule::Rate(Rate { value: *days, unit: RateUnit::Days }))
            }
            RotationSchedule::Expression(text) => {
                text.parse().map_err(|error| invalid(format!("ScheduleExpression: {error}.")))
            }
        }
    }

    fn hours(&self) -> Option<u32> {
        let hours = self.duration.as_ref()?.strip_suffix('h')?.parse().ok();
        hours.filter(|hours| (1..=24).contains(hours))
    }
}

/// In hours; or why a schedule is none for secrets.
fn longest_window(schedule: &Schedule) -> Result<u32, api::Error> {
    let odd =
        |why: &str| invalid(format!("ScheduleExpression: {schedule} is not possible: {why}."));
    match schedule {
        Schedule::Rate(Rate { value, unit }) => match unit {
            RateUnit::Minutes => Err(odd("a rate is in hours or days")),
            RateUnit::Hours if *value < LEAST_HOURS => Err(odd("four hours are the least")),
            RateUnit::Hours if *value > MOST_DAYS * 24 => Err(odd("999 days are the most")),
            RateUnit::Hours => Ok((*value).min(24)),
            RateUnit::Days if *value > MOST_DAYS => Err(odd("999 days are the most")),
            RateUnit::Days => Ok(24),
        },
        Schedule::Cron(cron) if !cron.minutes().iter().eq([&0]) => {
            Err(odd("a window opens on the hour, so the minutes are 0"))
        }
        Schedule::Cron(cron) if !cron.is_every_year() => Err(odd("the year is *")),
        Schedule::Cron(cron) => match gap(cron) {
            gap if gap < LEAST_HOURS => Err(odd("four hours are the least")),
            gap => {
                let last = cron.hours().last().copied().unwrap_or(0);
                Ok(gap.min(24 - u32::from(last)))
            }
        },
    }
}

fn is_in_hours(schedule: &Schedule) -> bool {
    match schedule {
        Schedule::Rate(rate) => rate.unit != RateUnit::Days,
        Schedule::Cron(cron) => cron.hours().len() > 1,
    }
}

/// The fewest hours from one time to the next, those of the next day included.
fn gap(cron: &Cron) -> u32 {
    let hours: Vec<u32> = cron.hours().iter().map(|hour| u32::from(*hour)).collect();
    let next_day = hours.first().map(|first| first + 24);
    let next = hours.iter().copied().skip(1).chain(next_day);
    hours.iter().zip(next).map(|(hour, next)| next - hour).min().unwrap_or(24)
}

fn midnight(at: Timestamp) -> Timestamp {
    let day = DAY.as_millis() as i64;
    Timestamp::from_millis(at.as_millis().div_euclid(day).saturating_mul(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    fn rules(expression: &str, duration: Option<&str>) -> Result<RotationRules, String> {
        let given = api::RotationRulesType {
            schedule_expression: Some(expression.to_owned()),
            duration: duration.map(str::to_owned),
            automatically_after_days: None,
        };
        RotationRules::read(given).map_err(|error| error.to_string())
    }

    /// The schedule, its duration, the last rotation, the present; when the window opens and closes.
    #[test]
    fn windows_open_and_close_as_aws_says() {
        for (expression, duration, rotated, now, opens, closes) in [
            (
                "rate(10 days)",
                None,
                "2026-01-01T15:00:00Z",
                "2026-01-01T15:00:00Z",
                "2026-01-11",
                "2026-01-12",
            ),
            (
                "rate(1 day)",
                Some("3h"),
                "2026-01-01T15:00:00Z",
                "2026-01-01T23:00:00Z",
                "2026-01-02",
                "2026-01-02T03:00:00Z",
            ),
            // Overdue: the day counts from now on.
            (
                "rate(2 days)",
                None,
                "2026-01-01T15:00:00Z",
                "2026-02-01T01:00:00Z",
                "2026-02-03",
                "2026-02-04",
            ),
            (
                "rate(4 hours)",
                None,
                "2026-01-01T15:00:00Z",
                "2026-01-01T15:00:00Z",
                "2026-01-01T16:00:00Z",
                "2026-01-01T17:00:00Z",
            ),
            // The window of 16 o'clock has opened: ten hours after 10 and 20 hours after midnight.
            (
                "rate(10 hours)",
                Some("2h"),
                "2026-01-01T15:00:00Z",
                "2026-01-01T20:00:00Z",
                "2026-01-02T06:00:00Z",
                "2026-01-02T08:00:00Z",
            ),
            (
                "cron(0 8 * * ? *)",
                None,
                "2026-01-01T15:00:00Z",
                "2026-01-01T08:00:00Z",
                "2026-01-02T08:00:00Z",
                "2026-01-03",
            ),
            (
                "cron(0 */8 * * ? *)",
                None,
                "2026-01-01T15:00:00Z",
                "2026-01-01T09:00:00Z",
                "2026-01-01T16:00:00Z",
                "2026-01-01T17:00:00Z",
            ),
            (
                "cron(0 16 ? * SUN#1 *)",
                Some("8h"),
                "2026-01-01T15:00:00Z",
                "2026-01-01T09:00:00Z",
                "2026-01-04T16:00:00Z",
                "2026-01-05",
            ),
        ] {
            let rules = rules(expression, duration).unwrap();
            let (opened, rotated) = (at("2026-01-01T15:00:00Z"), Some(at(rotated)));
            let next = rules.opens(opened, rotated, at(now)).unwrap();
            assert_eq!((next, rules.closes(next)), (at(opens), at(closes)), "{expression}");
        }
    }

    #[test]
    fn what_is_no_schedule_for_secrets_is_refused() {
        for (expression, duration, why) in [
            ("rate(30 minutes)", None, "in hours or days"),
            ("rate(3 hours)", None, "four hours are the least"),
            ("rate(1000 days)", None, "999 days are the most"),
            ("rate(4 hours)", Some("5h"), "4 hours are the most"),
            ("rate(2 days)", Some("25h"), "from 1 to 24"),
            ("rate(2 days)", Some("h3"), "from 1 to 24"),
            ("cron(5 8 * * ? *)", None, "the minutes are 0"),
            ("cron(0 8 * * ? 2030)", None, "the year is *"),
            ("cron(0 8,10 * * ? *)", None, "four hours are the least"),
            ("cron(0 1,22 * * ? *)", None, "four hours are the least"),
            ("cron(0 20 * * ? *)", Some("5h"), "4 hours are the most"),
            ("cron(0 8 * *)", None, "six fields"),
        ] {
            let refusal = rules(expression, duration).unwrap_err();
            assert!(refusal.contains(why), "{expression}: {refusal}");
        }
    }
}
