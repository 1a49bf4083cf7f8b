//! Domain names, as certificates have them.

use berth_aws_api::acm as api;

/// AWS: labels of letters, digits and hyphens, two of them at least, the first may be a star.
///
/// DEVIATES: the last label is not of digits alone; AWS takes such names and fails to issue them.
pub fn checked(name: &str) -> Result<String, api::Error> {
    let plain = name.strip_prefix("*.").unwrap_or(name);
    let labels: Vec<&str> = plain.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    let is_name = labels.len() > 1
        && labels.iter().all(|label| is_label(label))
        && last.len() > 1
        && !last.bytes().all(|byte| byte.is_ascii_digit());
    match is_name {
        true => Ok(name.to_ascii_lowercase()),
        false => Err(api::Error::validation(format!(
            "Value '{name}' is not a domain name: labels of letters, digits and hyphens expected, such as \
             www.example.com or *.example.com"
        ))),
    }
}

fn is_label(label: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(is_plain)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Whether a certificate with this name may be shown by whoever is called so.
pub fn covers(name: &str, called: &str) -> bool {
    let called = called.to_ascii_lowercase();
    match name.strip_prefix("*.") {
        None => name == called,
        Some(parent) => called.split_once('.').is_some_and(|(_, rest)| rest == parent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_labels() {
        for (name, is_one) in [
            ("example.com", true),
            ("*.Example.com", true),
            ("a-b.example.com", true),
            ("localhost", false),
            ("*", false),
            ("*.com", false),
            ("www.*.com", false),
            ("-a.example.com", false),
            ("a..example.com", false),
            ("a_b.example.com", false),
            ("10.0.0.10", false),
            ("", false),
        ] {
            assert_eq!(checked(name).is_ok(), is_one, "{name}");
        }
        assert_eq!(checked("*.Example.com").expect("a name"), "*.example.com");
    }

    #[test]
    fn a_star_is_one_label() {
        for (name, called, does) in [
            ("example.com", "Example.com", true),
            ("*.example.com", "www.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "a.www.example.com", false),
        ] {
            assert_eq!(covers(name, called), does, "{name} {called}");
        }
    }
}
