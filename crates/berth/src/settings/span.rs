//! Lengths of time as people write them.

use std::str::FromStr;
use std::time::Duration;

/// A whole number and a unit: `250ms`, `90s`, `10m`, `1h`, `30d`. Never nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

/// How long until something happens, if it ever does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    After(Duration),
    Never,
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("`{text}`: a time such as 90s, 10m or 250ms expected");
        let unit_at = text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(refused)?;
        let (number, unit) = text.split_at(unit_at);
        let millis_each: u64 = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(refused()),
        };
        let number: u64 = number.parse().map_err(|_| refused())?;
        let millis = number.checked_mul(millis_each).filter(|millis| *millis > 0);
        millis.map(|millis| Span(Duration::from_millis(millis))).ok_or_else(refused)
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "never" => Ok(Limit::Never),
            _ => text.parse().map(|Span(span)| Limit::After(span)),
        }
    }
}

impl Limit {
    pub fn duration(self) -> Option<Duration> {
        match self {
            Limit::After(span) => Some(span),
            Limit::Never => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit_are_a_time() {
        let span = |text: &str| text.parse::<Span>().map(|Span(span)| span);
        assert_eq!(span("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(span("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(span("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(span("2h"), Ok(Duration::from_secs(7200)));
        assert_eq!(span("30d"), Ok(Duration::from_secs(2_592_000)));
        for wrong in
            ["", "10", "s", "0s", "1.5s", "-1s", "10 m", "1w", "1é", "99999999999999999999s"]
        {
            assert!(span(wrong).expect_err(wrong).contains("10m"), "{wrong}");
        }
        let huge = format!("{}h", u64::MAX);
        assert!(span(&huge).is_err());
    }

    #[test]
    fn a_limit_may_be_none() {
        assert_eq!("never".parse(), Ok(Limit::Never));
        assert_eq!("5s".parse::<Limit>().map(Limit::duration), Ok(Some(Duration::from_secs(5))));
        assert!("ever".parse::<Limit>().is_err());
    }
}
