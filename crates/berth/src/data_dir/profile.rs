//! The `[default]` profile of AWS's shared files: as much of the format as we write ourselves, and what
//! a person may do to it by hand (comments, blanks, other profiles).

/// The value of a key in `[default]`.
pub fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut in_default = false;
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            in_default = section.trim() == "default";
        } else if in_default && !line.starts_with(['#', ';']) {
            let pair = line.split_once('=');
            if let Some((_, value)) = pair.filter(|(name, _)| name.trim() == key) {
                return Some(value.trim());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn only_the_default_profile_counts() {
        let text = "region = no\n[other]\nregion = no\n# [x]\n[ default ]\n;region = no\n region=eu-west-1 \n[z]";
        assert_eq!(value(text, "region"), Some("eu-west-1"));
        assert_eq!(value(text, "endpoint_url"), None);
    }

    #[test]
    fn a_value_may_hold_an_equals_sign() {
        assert_eq!(value("[default]\nkey = a=b", "key"), Some("a=b"));
    }
}
