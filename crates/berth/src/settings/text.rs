//! Options whose words the types' own parsers know, read from TOML with those same parsers.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};

/// For `#[serde(deserialize_with)]` on an optional field.
pub fn parsed<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    String::deserialize(deserializer)?.parse().map(Some).map_err(D::Error::custom)
}

/// A length of time as people write it: `90s`, `15m`, `1h`, `30d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no length of time: a number with s, m, h or d expected, such as 15m"
            )
        };
        let unit = text.chars().last().ok_or_else(wrong)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            'd' => 24 * 60 * 60,
            _ => return Err(wrong()),
        };
        let number: u32 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
        if number == 0 {
            return Err(format!("`{text}`: something above zero expected"));
        }
        Ok(Span(Duration::from_secs(u64::from(number) * seconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_a_number_and_a_unit() {
        let seconds = |text: &str| text.parse().map(|Span(span)| span.as_secs());
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(
            (seconds("15m"), seconds("1h"), seconds("30d")),
            (Ok(900), Ok(3600), Ok(2_592_000))
        );
        for text in ["", "5", "h", "-1h", "1.5h", "1w", "0s", "9999999999s", "1é"] {
            seconds(text).expect_err(text);
        }
    }
}
