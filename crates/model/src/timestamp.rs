//! Instants, as AWS tells them: milliseconds since the epoch, in UTC.
//!
//! Nothing here reads a clock; whoever needs the present is handed it. How an instant looks on a
//! particular wire is `aws-protocol`'s matter; ISO 8601 is here because people and expressions use it.

use std::fmt;
use std::num::NonZeroU64;
use std::ops::{Add, Sub};
use std::str::FromStr;
use std::time::Duration;

use minicbor::{Decode, Encode};

/// An instant, to the millisecond.
///
/// Many are optional and there are millions of them, so `None` takes no room of its own: the number is kept with its
/// sign turned, which leaves its order as it is, and the one value that would then be zero is none that there can be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(NonZeroU64);

const SIGN: u64 = 1 << 63;

/// Why a text is not an instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a date in ISO 8601, such as 2018-06-18 or 2018-06-18T22:28:28Z")]
pub struct TimestampError {
    text: String,
}

impl Timestamp {
    /// Midnight at the start of 1970, UTC.
    pub const EPOCH: Timestamp = Timestamp::from_millis(0);
    const FIRST: Timestamp = Timestamp(NonZeroU64::MIN);

    /// The least number of all is one millisecond later than it says.
    pub const fn from_millis(millis: i64) -> Self {
        match NonZeroU64::new(millis.cast_unsigned() ^ SIGN) {
            Some(turned) => Timestamp(turned),
            None => Timestamp::FIRST,
        }
    }

    pub const fn as_millis(self) -> i64 {
        (self.0.get() ^ SIGN).cast_signed()
    }

    /// Seconds since the epoch, rounded to the millisecond; `None` for what is no number.
    /// Beyond the range, the nearest instant there is.
    pub fn from_secs_f64(seconds: f64) -> Option<Self> {
        seconds.is_finite().then(|| Timestamp::from_millis((seconds * 1000.0).round() as i64))
    }

    /// Seconds since the epoch, the form of AWS's JSON.
    pub fn as_secs_f64(self) -> f64 {
        self.as_millis() as f64 / 1000.0
    }

    /// Whether the instant lies in the years -9999 to 9999, so that it can be told as a date.
    pub fn has_date(self) -> bool {
        jiff::Timestamp::from_millisecond(self.as_millis()).is_ok()
    }

    /// The time that passed since `earlier`; nothing if `earlier` is not earlier.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(self.0.get().saturating_sub(earlier.0.get()))
    }
}

impl Default for Timestamp {
    fn default() -> Self {
        Timestamp::EPOCH
    }
}

/// As the number of milliseconds.
impl<C> Encode<C> for Timestamp {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.i64(self.as_millis())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Timestamp {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.i64().map(Timestamp::from_millis)
    }
}

/// Stops at the last instant there is rather than wrap.
impl Add<Duration> for Timestamp {
    type Output = Timestamp;

    fn add(self, duration: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }
}

/// Stops at the first instant there is rather than wrap.
impl Sub<Duration> for Timestamp {
    type Output = Timestamp;

    fn sub(self, duration: Duration) -> Timestamp {
        let less = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        NonZeroU64::new(self.0.get().saturating_sub(less)).map_or(Timestamp::FIRST, Timestamp)
    }
}

/// ISO 8601 in UTC. An instant outside the years -9999 to 9999 has no calendar date and is told in milliseconds.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.as_millis()) {
            Ok(instant) => write!(f, "{instant}"),
            Err(_) => write!(f, "{} ms since 1970-01-01T00:00:00Z", self.as_millis()),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A date with an offset, a date and time without one (UTC), or a date alone (its midnight in UTC).
/// What is finer than a millisecond is cut off.
impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let utc = |civil: jiff::civil::DateTime| jiff::tz::TimeZone::UTC.to_timestamp(civil).ok();
        let instant = text
            .parse::<jiff::Timestamp>()
            .ok()
            .or_else(|| text.parse::<jiff::civil::DateTime>().ok().and_then(utc))
            .ok_or_else(|| TimestampError { text: text.to_owned() })?;
        Ok(Timestamp::from_millis(instant.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_forms_of_ecs_name_the_same_instant() {
        let expected = Timestamp::from_millis(1_529_360_908_000);
        for text in [
            "2018-06-18T22:28:28Z",
            "2018-06-18T22:28:28+00:00",
            "2018-06-18T22:28:28",
            "2018-06-19T00:28:28+02:00",
            "2018-06-18T22:28:28.0004Z",
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        assert_eq!("2018-06-18".parse(), Ok(Timestamp::from_millis(1_529_280_000_000)));
    }

    #[test]
    fn nonsense_is_refused_with_the_text() {
        for text in ["", "yesterday", "2018-13-01", "2018-06-18T25:00:00Z", "1529360908"] {
            let error = text.parse::<Timestamp>().unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
        }
    }

    #[test]
    fn arithmetic_saturates() {
        let last = Timestamp::from_millis(i64::MAX);
        assert_eq!(last + Duration::from_secs(1), last);
        let first = Timestamp::from_millis(i64::MIN);
        assert_eq!(first - Duration::MAX, first);
        assert_eq!(Timestamp::EPOCH.since(last), Duration::ZERO);
        assert_eq!(
            Timestamp::from_millis(2500).since(Timestamp::from_millis(1000)),
            Duration::from_millis(1500)
        );
    }

    #[test]
    fn none_takes_no_room() {
        assert_eq!(size_of::<Option<Timestamp>>(), size_of::<Timestamp>());
        assert_eq!(Timestamp::default(), Timestamp::EPOCH);
        let ascending = [i64::MIN, -1, 0, 1, i64::MAX].map(Timestamp::from_millis);
        assert!(ascending.is_sorted());
        assert_eq!(ascending.map(Timestamp::as_millis), [i64::MIN + 1, -1, 0, 1, i64::MAX]);
    }

    #[test]
    fn seconds_keep_their_milliseconds() {
        assert_eq!(
            Timestamp::from_secs_f64(1_529_360_908.123),
            Some(Timestamp::from_millis(1_529_360_908_123))
        );
        assert_eq!(Timestamp::from_millis(1_529_360_908_123).as_secs_f64(), 1_529_360_908.123);
        assert_eq!(Timestamp::from_secs_f64(f64::NAN), None);
        assert_eq!(Timestamp::from_secs_f64(1e300), Some(Timestamp::from_millis(i64::MAX)));
    }

    #[test]
    fn an_instant_without_a_calendar_date_still_renders() {
        assert_eq!(
            Timestamp::from_millis(i64::MAX).to_string(),
            format!("{} ms since 1970-01-01T00:00:00Z", i64::MAX)
        );
    }

    proptest::proptest! {
        #[test]
        fn parsing_what_was_rendered_gives_it_back(millis in -377_705_000_000_000_i64..253_402_200_000_000) {
            let instant = Timestamp::from_millis(millis);
            proptest::prop_assert_eq!(instant.to_string().parse(), Ok(instant));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            drop(text.parse::<Timestamp>());
        }
    }
}
