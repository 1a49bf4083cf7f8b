//! The two spellings of a request's date: `20261121T091410Z`, and HTTP's own in a `Date` header.

use std::time::UNIX_EPOCH;

use berth_model::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// `20261121T091410Z`; what is finer than a second is cut off.
pub(super) fn basic(at: Timestamp) -> String {
    let seconds = at.as_millis().div_euclid(1000);
    let seconds = seconds.clamp(jiff::Timestamp::MIN.as_second(), jiff::Timestamp::MAX.as_second());
    let instant = jiff::Timestamp::from_second(seconds).expect("clamped to the range");
    instant.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// `20261121`: the day of [`basic`].
pub(super) fn day(basic: &str) -> &str {
    basic.split('T').next().unwrap_or(basic)
}

pub(super) fn parse_basic(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 16
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 => *byte == b'T',
            15 => *byte == b'Z',
            _ => byte.is_ascii_digit(),
        });
    if !shape {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i16>().ok();
    let small = |from: usize, to: usize| text[from..to].parse::<i8>().ok();
    let civil = DateTime::new(
        number(0, 4)?,
        small(4, 6)?,
        small(6, 8)?,
        small(9, 11)?,
        small(11, 13)?,
        small(13, 15)?,
        0,
    )
    .ok()?;
    let instant = TimeZone::UTC.to_timestamp(civil).ok()?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

/// A `Date` header: HTTP's format or the basic one.
pub(super) fn parse_date_header(text: &str) -> Option<Timestamp> {
    parse_basic(text).or_else(|| {
        let since = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Timestamp::from_millis(i64::try_from(since.as_millis()).ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSTANT: Timestamp = Timestamp::from_millis(1_440_938_160_000);

    #[test]
    fn both_spellings_name_the_same_instant() {
        assert_eq!(basic(INSTANT), "20150830T123600Z");
        assert_eq!(day("20150830T123600Z"), "20150830");
        assert_eq!(parse_basic("20150830T123600Z"), Some(INSTANT));
        assert_eq!(parse_date_header("Sun, 30 Aug 2015 12:36:00 GMT"), Some(INSTANT));
        assert_eq!(parse_date_header("20150830T123600Z"), Some(INSTANT));
    }

    #[test]
    fn nonsense_is_no_date() {
        for text in [
            "",
            "20150830",
            "20151330T123600Z",
            "2015083éT12360Z",
            "20150830T123600z",
            "+0150830T123600Z",
        ] {
            assert_eq!(parse_basic(text), None, "{text}");
            assert_eq!(parse_date_header(text), None, "{text}");
        }
    }

    #[test]
    fn an_instant_outside_of_the_calendar_still_renders() {
        assert!(basic(Timestamp::from_millis(i64::MAX)).starts_with("9999"));
    }
}
