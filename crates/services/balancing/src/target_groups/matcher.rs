//! Which answers are those of a healthy target: `200`, `200,301`, `200-299`.

use std::ops::RangeInclusive;

/// What `text` means, if all of it lies within `range`.
pub fn parse(text: &str, range: RangeInclusive<u16>) -> Option<Vec<(u16, u16)>> {
    let code = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|code| is_number && range.contains(code))
    };
    let part = |part: &str| match part.split_once('-') {
        None => code(part).map(|code| (code, code)),
        Some((low, high)) => Some((code(low)?, code(high)?)).filter(|(low, high)| low <= high),
    };
    text.split(',').map(|text| part(text.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn codes_and_ranges_of_codes() {
        for (text, expected) in [
            ("200", Some(vec![(200, 200)])),
            ("200,301-302", Some(vec![(200, 200), (301, 302)])),
            ("200, 404", Some(vec![(200, 200), (404, 404)])),
            ("199", None),
            ("500", None),
            ("300-200", None),
            ("200,", None),
            ("+200", None),
            ("", None),
        ] {
            assert_eq!(parse(text, 200..=499), expected, "{text}");
        }
    }
}
