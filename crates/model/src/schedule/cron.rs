//! Cron expressions: minutes, hours, day of month, month, day of week, year.
//!
//! AWS: Sunday is 1; either the day of month or the day of week is `?`, since the other one decides; `L` is the last day,
//! `FRI#2` the second Friday, `6L` the last one, `15W` the weekday that is nearest to the 15th in its month.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;

use super::field::{DAYS_OF_MONTH, DAYS_OF_WEEK, HOURS, Kind, MINUTES, MONTHS, YEARS};
use crate::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: BTreeSet<u16>,
    hours: BTreeSet<u16>,
    months: BTreeSet<u16>,
    years: BTreeSet<u16>,
    days: Days,
    /// As it was written, with one space between fields.
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Days {
    OfMonth(Vec<DayOfMonth>),
    OfWeek(Vec<DayOfWeek>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum DayOfMonth {
    Numbers(BTreeSet<u16>),
    Last,
    LastWeekday,
    NearestWeekday(u16),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum DayOfWeek {
    Numbers(BTreeSet<u16>),
    Last(u16),
    /// The day, and which one of the month.
    Numbered(u16, u16),
}

impl Cron {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let &[minutes, hours, day_of_month, month, day_of_week, year] = &fields[..] else {
            return Err("it has six fields".to_owned());
        };
        let days = match (day_of_month, day_of_week) {
            (day, "?") if day != "?" => Days::OfMonth(each(day, DayOfMonth::read)?),
            ("?", day) if day != "?" => Days::OfWeek(each(day, DayOfWeek::read)?),
            _ => return Err("either the day of month or the day of week is `?`".to_owned()),
        };
        Ok(Self {
            minutes: MINUTES.set(minutes)?,
            hours: HOURS.set(hours)?,
            months: MONTHS.set(month)?,
            years: YEARS.set(year)?,
            days,
            text: fields.join(" "),
        })
    }

    pub fn minutes(&self) -> &BTreeSet<u16> {
        &self.minutes
    }

    pub fn hours(&self) -> &BTreeSet<u16> {
        &self.hours
    }

    pub fn is_every_year(&self) -> bool {
        self.years.len() == YEARS.range.len()
    }

    /// The first time after this one; `None` if there is none.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let start = jiff::Timestamp::from_millisecond(after.as_millis()).ok()?;
        let start = start.to_zoned(jiff::tz::TimeZone::UTC).date();
        let first_year = u16::try_from(start.year()).unwrap_or(0);
        for year in self.years.range(first_year..) {
            for month in &self.months {
                // Both are in range: `Kind` has seen to it.
                let first = Date::new(*year as i16, *month as i8, 1).ok()?;
                if first.last_of_month() < start {
                    continue;
                }
                for day in 1..=first.days_in_month() {
                    let date = Date::new(first.year(), first.month(), day).ok()?;
                    if date >= start
                        && self.days.has(date)
                        && let Some(time) = self.time_after(date, after)
                    {
                        return Some(time);
                    }
                }
            }
        }
        None
    }

    fn time_after(&self, date: Date, after: Timestamp) -> Option<Timestamp> {
        let mut times = self
            .hours
            .iter()
            .flat_map(|hour| self.minutes.iter().map(move |minute| (hour, minute)));
        times.find_map(|(hour, minute)| {
            let time = date.at(*hour as i8, *minute as i8, 0, 0);
            let instant = jiff::tz::TimeZone::UTC.to_timestamp(time).ok()?;
            let time = Timestamp::from_millis(instant.as_millisecond());
            (time > after).then_some(time)
        })
    }
}

fn each<T>(field: &str, read: fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    field.split(',').map(read).collect()
}

impl DayOfMonth {
    fn read(part: &str) -> Result<Self, String> {
        Ok(match part {
            "L" => DayOfMonth::Last,
            "LW" | "WL" => DayOfMonth::LastWeekday,
            _ => match part.strip_suffix('W') {
                Some(day) => DayOfMonth::NearestWeekday(DAYS_OF_MONTH.number(day)?),
                None => DayOfMonth::Numbers(numbers(&DAYS_OF_MONTH, part)?),
            },
        })
    }

    fn is(&self, date: Date) -> bool {
        match self {
            DayOfMonth::Numbers(days) => days.contains(&number(date.day())),
            DayOfMonth::Last => date == date.last_of_month(),
            DayOfMonth::LastWeekday => date == nearest_weekday(date.last_of_month()),
            DayOfMonth::NearestWeekday(day) => {
                let meant = Date::new(date.year(), date.month(), *day as i8);
                meant.is_ok_and(|meant| date == nearest_weekday(meant))
            }
        }
    }
}

impl DayOfWeek {
    fn read(part: &str) -> Result<Self, String> {
        if let Some((day, nth)) = part.split_once('#') {
            let nth = nth.parse().ok().filter(|nth| (1..=5).contains(nth));
            let nth = nth.ok_or_else(|| DAYS_OF_WEEK.odd(part))?;
            return Ok(DayOfWeek::Numbered(DAYS_OF_WEEK.number(day)?, nth));
        }
        Ok(match part.strip_suffix('L') {
            // AWS: the last day of a week.
            Some("") => DayOfWeek::Numbers([7].into()),
            Some(day) => DayOfWeek::Last(DAYS_OF_WEEK.number(day)?),
            None => DayOfWeek::Numbers(numbers(&DAYS_OF_WEEK, part)?),
        })
    }

    fn is(&self, date: Date) -> bool {
        let weekday = number(date.weekday().to_sunday_one_offset());
        match self {
            DayOfWeek::Numbers(days) => days.contains(&weekday),
            DayOfWeek::Last(day) => weekday == *day && date.day() + 7 > date.days_in_month(),
            DayOfWeek::Numbered(day, nth) => {
                weekday == *day && number(date.day()).div_ceil(7) == *nth
            }
        }
    }
}

impl Days {
    fn has(&self, date: Date) -> bool {
        match self {
            Days::OfMonth(days) => days.iter().any(|day| day.is(date)),
            Days::OfWeek(days) => days.iter().any(|day| day.is(date)),
        }
    }
}

fn numbers(kind: &Kind, part: &str) -> Result<BTreeSet<u16>, String> {
    Ok(kind.part(part)?.collect())
}

/// Monday to Friday, without leaving the month.
fn nearest_weekday(date: Date) -> Date {
    let moved = |days: i8| Date::new(date.year(), date.month(), date.day() + days).unwrap_or(date);
    match date.weekday() {
        jiff::civil::Weekday::Saturday if date.day() == 1 => moved(2),
        jiff::civil::Weekday::Saturday => moved(-1),
        jiff::civil::Weekday::Sunday if date == date.last_of_month() => moved(-2),
        jiff::civil::Weekday::Sunday => moved(1),
        _ => date,
    }
}

/// Days of months and weeks are never negative.
fn number(day: i8) -> u16 {
    u16::from(day.unsigned_abs())
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
