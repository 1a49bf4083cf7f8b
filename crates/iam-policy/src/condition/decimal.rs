//! Decimal numbers, compared exactly: a binary fraction would make 0.1 something else.

/// In units of 10^-18.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Decimal(i128);

const PLACES: usize = 18;
const ONE: i128 = 10_i128.pow(PLACES as u32);

impl Decimal {
    /// Of up to 19 digits before the point and 18 behind it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let are_digits = |part: &str, most: usize| {
            (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !are_digits(whole, 19) || !are_digits(fraction, PLACES) {
            return None;
        }
        let whole: i128 = whole.parse().ok()?;
        let fraction: i128 = format!("{fraction:0<PLACES$}").parse().ok()?;
        let size = whole * ONE + fraction;
        Some(Self(if negative { -size } else { size }))
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self(i128::from(number) * ONE)
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn numbers_compare_as_they_are_written() {
        let number = |text| Decimal::parse(text).unwrap();
        assert_eq!(number("10"), Decimal::from(10));
        assert_eq!(number("0.10"), number("+0.1"));
        assert_eq!(number("-0"), number("0"));
        assert!(number("0.1") < number("0.2"));
        assert!(number("-2") < number("-1.5"));
        assert!(number("9007199254740992") < number("9007199254740993"));
        assert_eq!(number("9223372036854775807"), Decimal::from(i64::MAX));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "-", ".5", "5.", "1e3", "a", "1.2.3", "٣", "99999999999999999999"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
