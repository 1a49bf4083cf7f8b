//! The three spellings of an instant on the wires.

use std::fmt::Write;
use std::time::{Duration, UNIX_EPOCH};

use berth_aws_api::schema::TimestampFormat;
use berth_model::Timestamp;

/// Seconds since the epoch with up to three decimals, exactly.
pub(crate) fn write_seconds(out: &mut String, at: Timestamp) {
    let millis = at.as_millis();
    let (seconds, fraction) = (millis.unsigned_abs() / 1000, millis.unsigned_abs() % 1000);
    if millis < 0 {
        out.push('-');
    }
    out.push_str(itoa::Buffer::new().format(seconds));
    if fraction > 0 {
        let digits = format!("{fraction:03}");
        out.push('.');
        out.push_str(digits.trim_end_matches('0'));
    }
}

pub(crate) fn write(out: &mut String, at: Timestamp, format: TimestampFormat) {
    match format {
        TimestampFormat::UnixTimestamp => write_seconds(out, at),
        TimestampFormat::Iso8601 => {
            // Writing to a String cannot fail.
            let _ = write!(out, "{at}");
        }
        TimestampFormat::Rfc822 => {
            // AWS: HTTP dates have whole seconds, and no year before 1970 or after 9999.
            let seconds = u64::try_from(at.as_millis().div_euclid(1000)).unwrap_or(0);
            let instant = UNIX_EPOCH + Duration::from_secs(seconds.min(LAST_HTTP_SECOND));
            out.push_str(&httpdate::fmt_http_date(instant));
        }
    }
}

/// A number beyond all dates is none: it is refused rather than bent to the nearest instant there is.
pub(crate) fn from_seconds(seconds: f64) -> Option<Timestamp> {
    Timestamp::from_secs_f64(seconds).filter(|at| at.has_date())
}

/// Reads whichever spelling it is: senders are older and younger than models.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.starts_with(|first: char| first.is_ascii_digit() || first == '-')
        && let Ok(seconds) = text.parse()
    {
        return from_seconds(seconds);
    }
    if let Ok(instant) = httpdate::parse_http_date(text) {
        let since = instant.duration_since(UNIX_EPOCH).ok()?;
        return Some(Timestamp::from_millis(i64::try_from(since.as_millis()).ok()?));
    }
    text.parse().ok()
}

/// The last second of the year 9999.
const LAST_HTTP_SECOND: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    fn written(millis: i64, format: TimestampFormat) -> String {
        let mut out = String::new();
        write(&mut out, Timestamp::from_millis(millis), format);
        out
    }

    #[test]
    fn each_format_as_aws_spells_it() {
        use TimestampFormat::*;
        for (millis, format, expected) in [
            (1_529_360_908_000, UnixTimestamp, "1529360908"),
            (1_529_360_908_120, UnixTimestamp, "1529360908.12"),
            (1_529_360_908_003, UnixTimestamp, "1529360908.003"),
            (-1500, UnixTimestamp, "-1.5"),
            (0, UnixTimestamp, "0"),
            (1_529_360_908_000, Iso8601, "2018-06-18T22:28:28Z"),
            (1_529_360_908_123, Iso8601, "2018-06-18T22:28:28.123Z"),
            (1_529_360_908_999, Rfc822, "Mon, 18 Jun 2018 22:28:28 GMT"),
        ] {
            assert_eq!(written(millis, format), expected);
        }
        assert_eq!(written(i64::MAX, Rfc822), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn every_spelling_is_read() {
        for text in [
            "1529360908",
            "1529360908.0",
            "1.529360908E9",
            "2018-06-18T22:28:28Z",
            "Mon, 18 Jun 2018 22:28:28 GMT",
        ] {
            assert_eq!(parse(text), Some(Timestamp::from_millis(1_529_360_908_000)), "{text}");
        }
        for text in ["", "soon", "NaN", "inf", "-", "2018-06-18T"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    /// Found by fuzzing: the instant was bent to the last there is, which ISO 8601 cannot spell.
    #[test]
    fn a_number_beyond_all_years_is_no_date() {
        for text in [
            "2018444444444444444444444444444444444444444444",
            "253402300800",
            "-377705116800",
            "9e99",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        for text in ["253402207200", "-62135596800", "0"] {
            let at = parse(text).expect("a date");
            assert_eq!(
                parse(&written(at.as_millis(), TimestampFormat::Iso8601)),
                Some(at),
                "{text}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn seconds_are_read_back(millis in -99_999_999_999_999_i64..99_999_999_999_999) {
            let text = written(millis, TimestampFormat::UnixTimestamp);
            proptest::prop_assert_eq!(parse(&text), Some(Timestamp::from_millis(millis)));
        }
    }
}
