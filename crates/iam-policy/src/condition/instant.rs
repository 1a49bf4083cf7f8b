//! Dates as policies write them: ISO 8601 in the forms of the W3C's note, or seconds since 1970.

use berth_model::Timestamp;

const DAY: i64 = 86_400_000;

/// AWS: digits alone are seconds since 1970, not a year.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let seconds = text.strip_prefix('-').unwrap_or(text);
    if !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<i64>().ok()?.checked_mul(1_000).map(Timestamp::from_millis);
    }
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let is_date = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !is_date || parts.next().is_some() {
        return None;
    }
    let within_day = time.map_or(Some(0), time_of_day)?;
    Some(Timestamp::from_millis(days_since_1970(year, month, day) * DAY + within_day))
}

/// `2020-01-31T00:00:01Z`, with milliseconds if there are any.
pub(crate) fn render(instant: Timestamp) -> String {
    let millis = instant.as_millis();
    let (days, within) = (millis.div_euclid(DAY), millis.rem_euclid(DAY));
    let (year, month, day) = date_of(days);
    let (hour, minute) = (within / 3_600_000, within / 60_000 % 60);
    let (second, fraction) = (within / 1_000 % 60, within % 1_000);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:03}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// `hh:mm`, with seconds and a fraction of them or without, and a zone; without one it is UTC's.
fn time_of_day(text: &str) -> Option<i64> {
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        None => (text, 0),
        Some(place) => (&text[..place], zone(&text[place..])?),
    };
    let mut parts = clock.split(':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let (second, millis) = match parts.next() {
        None => (0, 0),
        Some(part) => match part.split_once('.') {
            None => (digits(part, 2)?, 0),
            Some((second, fraction)) => (digits(second, 2)?, thousandths(fraction)?),
        },
    };
    if hour > 23 || minute > 59 || second > 60 || parts.next().is_some() {
        return None;
    }
    Some((hour * 3_600 + minute * 60 + second) * 1_000 + millis - offset)
}

/// Milliseconds to be taken away for UTC.
fn zone(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("Z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text[1..].split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes) * 60_000)
}

fn digits(text: &str, count: usize) -> Option<i64> {
    let all = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

fn thousandths(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<3}").get(..3)?.parse().ok()
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts years from March, so that a leap day is the last of its year; 400 years have 146,097 days.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The contrary of [`days_since_1970`].
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let (day, month) = (day_of_year - (153 * shifted + 2) / 5 + 1, (shifted + 2) % 12 + 1);
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Timestamp, parse, render};

    #[test]
    fn every_form_of_a_date_is_understood() {
        let table = [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01", 0),
            ("1970-02", 31 * 86_400_000),
            ("0", 0),
            ("1577836801", 1_577_836_801_000),
            ("-1", -1_000),
            ("2020-01-01T00:00:01Z", 1_577_836_801_000),
            ("2020-01-01t00:00:01z", 1_577_836_801_000),
            ("2020-01-01T01:00+01:00", 1_577_836_800_000),
            ("2019-12-31T19:00:00-05:00", 1_577_836_800_000),
            ("2020-01-01T00:00:00.5Z", 1_577_836_800_500),
            ("2020-01-01T00:00:00.123456Z", 1_577_836_800_123),
            ("2020-02-29", 1_582_934_400_000),
            ("2000-03-01T00:00:00", 951_868_800_000),
        ];
        for (text, millis) in table {
            assert_eq!(parse(text), Some(Timestamp::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "-",
            "today",
            "2019-02-29",
            "2020-13-01",
            "2020-1-1",
            "2020-01-01-01",
            "2020-01-01T",
            "2020-01-01T24:00Z",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00:00ZZ",
            "2020-01-01T00:00+1",
            "2020-01-01 00:00:00Z",
            "99999999999999999999",
            "2020-01-01T00:00:00+é0:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_was_rendered_is_parsed(millis in 0_i64..253_402_300_800_000) {
            let instant = Timestamp::from_millis(millis);
            prop_assert_eq!(parse(&render(instant)), Some(instant));
        }
    }
}
