//! One field of a cron expression: single values, ranges and steps, as a set of the numbers that they mean.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// What a field may hold.
pub(super) struct Kind {
    pub name: &'static str,
    pub range: RangeInclusive<u16>,
    /// Names of values, the first of which means the start of the range.
    pub words: &'static [&'static str],
}

pub(super) const MINUTES: Kind = Kind { name: "minutes", range: 0..=59, words: &[] };
pub(super) const HOURS: Kind = Kind { name: "hours", range: 0..=23, words: &[] };
pub(super) const DAYS_OF_MONTH: Kind = Kind { name: "day of month", range: 1..=31, words: &[] };
pub(super) const MONTHS: Kind = Kind {
    name: "month",
    range: 1..=12,
    words: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
pub(super) const DAYS_OF_WEEK: Kind = Kind {
    name: "day of week",
    range: 1..=7,
    words: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};
pub(super) const YEARS: Kind = Kind { name: "year", range: 1970..=2199, words: &[] };

impl Kind {
    /// The numbers that a field means: a list of parts.
    pub fn set(&self, field: &str) -> Result<BTreeSet<u16>, String> {
        let mut numbers = BTreeSet::new();
        for part in field.split(',') {
            numbers.extend(self.part(part)?);
        }
        Ok(numbers)
    }

    /// `*`, `3`, `3-7`, `*/5`, `3/5` or `3-7/2`.
    pub fn part(&self, part: &str) -> Result<impl Iterator<Item = u16> + use<>, String> {
        let (start, step) = match part.split_once('/') {
            None => (part, None),
            Some((start, step)) => {
                let step = step.parse::<u16>().ok().filter(|step| *step > 0);
                (start, Some(step.ok_or_else(|| self.odd(part))?))
            }
        };
        let (first, last) = match start.split_once('-') {
            _ if start == "*" => (*self.range.start(), *self.range.end()),
            Some((first, last)) => (self.number(first)?, self.number(last)?),
            // AWS: from there on in steps.
            None if step.is_some() => (self.number(start)?, *self.range.end()),
            None => (self.number(start)?, self.number(start)?),
        };
        match first <= last {
            true => Ok((first..=last).step_by(usize::from(step.unwrap_or(1)))),
            false => Err(self.odd(part)),
        }
    }

    pub fn number(&self, text: &str) -> Result<u16, String> {
        let word = self.words.iter().position(|word| text.eq_ignore_ascii_case(word));
        let number = match word {
            Some(at) => u16::try_from(at).ok().map(|at| at + self.range.start()),
            None => text.parse().ok().filter(|number| self.range.contains(number)),
        };
        number.ok_or_else(|| self.odd(text))
    }

    pub fn odd(&self, text: &str) -> String {
        format!("`{text}` is not possible for {}", self.name)
    }
}
