//! The rules of tags, the same for every service.
//!
//! AWS: at most 50 tags on a resource; keys of 1 to 128 characters, values of up to 256; letters, digits,
//! spaces and `_ . : / = + - @`; nothing that begins with `aws:`, in whatever case, since those are AWS's own.
//! ("Amazon ECS API reference", data type Tag.) Which error of which service says so is the service's matter.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use berth_model::Tags;
use regex::Regex;

/// The most tags that a resource can have.
pub const MOST_TAGS: usize = 50;
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;
const RESERVED: &str = "aws:";

/// What is not allowed in a key or a value.
static FORBIDDEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[^\p{L}\p{Z}\p{N}_.:/=+\-@]").expect("a constant pattern, which a test compiles")
});

/// Why tags were refused, in words for whoever sent them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagViolation {
    #[error("A resource can have at most {MOST_TAGS} tags, and this one would have {0}.")]
    TooMany(usize),
    #[error("A tag key cannot be empty.")]
    EmptyKey,
    #[error("The tag key `{0}` is given more than once.")]
    Duplicate(String),
    #[error("The {part} has {length} characters; the most is {most}.")]
    TooLong { part: TagPart, length: usize, most: usize },
    #[error("The {0} begins with `aws:`, in whatever case, which is reserved for AWS's own use.")]
    Reserved(TagPart),
    #[error(
        "The {part} has the character {found:?}; letters, digits, spaces and _ . : / = + - @ are allowed."
    )]
    Character { part: TagPart, found: char },
}

/// Which part of which tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagPart {
    Key(String),
    ValueOf(String),
}

impl fmt::Display for TagPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TagPart::Key(key) => write!(f, "tag key `{key}`"),
            TagPart::ValueOf(key) => write!(f, "value of the tag `{key}`"),
        }
    }
}

/// The tags of a resource after adding these: a key that is there already gets its new value.
pub fn add<K, V>(
    existing: &Tags,
    added: impl IntoIterator<Item = (K, V)>,
) -> Result<Tags, TagViolation>
where
    K: Into<String>,
    V: Into<String>,
{
    let mut tags = existing.clone();
    let mut seen = BTreeSet::new();
    for (key, value) in added {
        let (key, value) = (key.into(), value.into());
        check(&key, &value)?;
        if !seen.insert(key.clone()) {
            return Err(TagViolation::Duplicate(key));
        }
        tags.insert(key, value);
    }
    match tags.len() {
        count if count > MOST_TAGS => Err(TagViolation::TooMany(count)),
        _ => Ok(tags),
    }
}

/// The values of a tag, as conditions of policies see them.
///
/// AWS: there the case of a tag's key does not matter, while most resources may have tags that differ by nothing else. Such
/// tags are several values of one key, so that none of them hides another from a policy.
pub fn values<'a>(tags: &'a Tags, key: &str) -> impl Iterator<Item = &'a str> {
    let found = tags.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(key));
    found.map(|(_, value)| value.as_str())
}

fn check(key: &str, value: &str) -> Result<(), TagViolation> {
    if key.is_empty() {
        return Err(TagViolation::EmptyKey);
    }
    check_part(key, LONGEST_KEY, || TagPart::Key(key.to_owned()))?;
    check_part(value, LONGEST_VALUE, || TagPart::ValueOf(key.to_owned()))
}

fn check_part(text: &str, most: usize, part: impl Fn() -> TagPart) -> Result<(), TagViolation> {
    let length = text.chars().count();
    if length > most {
        return Err(TagViolation::TooLong { part: part(), length, most });
    }
    if text.get(..RESERVED.len()).is_some_and(|start| start.eq_ignore_ascii_case(RESERVED)) {
        return Err(TagViolation::Reserved(part()));
    }
    match FORBIDDEN.find(text).and_then(|found| found.as_str().chars().next()) {
        Some(found) => Err(TagViolation::Character { part: part(), found }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(key: &str, value: &str) -> TagViolation {
        add(&Tags::new(), [(key, value)]).expect_err("breaks a rule")
    }

    #[test]
    fn what_aws_allows_is_allowed() {
        for (key, value) in [("a", ""), ("Équipe Ⅳ", "x_y.z:/=+-@ 9"), ("team aws:", "not aws:")]
        {
            let tags = add(&Tags::new(), [(key, value)]);
            assert_eq!(tags.map(|tags| tags.get(key).cloned()), Ok(Some(value.to_owned())));
        }
        assert!(add(&Tags::new(), [("k".repeat(128), "é".repeat(256))]).is_ok());
    }

    #[test]
    fn each_rule_names_what_broke_it() {
        assert_eq!(refused("", "v"), TagViolation::EmptyKey);
        let key = "k".repeat(129);
        assert_eq!(
            refused(&key, ""),
            TagViolation::TooLong { part: TagPart::Key(key.clone()), length: 129, most: 128 }
        );
        let part = TagPart::ValueOf("k".to_owned());
        assert_eq!(
            refused("k", &"v".repeat(257)),
            TagViolation::TooLong { part, length: 257, most: 256 }
        );
        assert_eq!(refused("AwS:x", "v"), TagViolation::Reserved(TagPart::Key("AwS:x".to_owned())));
        assert_eq!(refused("k", "aws:"), TagViolation::Reserved(TagPart::ValueOf("k".to_owned())));
        for found in ['#', '\n', '\0', '*'] {
            let key = format!("a{found}b");
            assert_eq!(
                refused(&key, ""),
                TagViolation::Character { part: TagPart::Key(key.clone()), found }
            );
        }
    }

    #[test]
    fn a_key_given_twice_is_refused_and_one_already_there_is_replaced() {
        let existing = add(&Tags::new(), [("a", "1"), ("b", "2")]).expect("sound");
        let after = add(&existing, [("a", "3")]).expect("sound");
        assert_eq!(after, Tags::from_iter([("a", "3"), ("b", "2")]));
        assert_eq!(
            add(&existing, [("c", "1"), ("c", "1")]),
            Err(TagViolation::Duplicate("c".to_owned()))
        );
    }

    #[test]
    fn fifty_tags_are_the_most_whether_new_or_old() {
        let fifty =
            add(&Tags::new(), (0..50).map(|n| (format!("k{n}"), ""))).expect("as many as allowed");
        assert!(add(&fifty, [("k0", "replaced")]).is_ok());
        assert_eq!(add(&fifty, [("one more", "")]), Err(TagViolation::TooMany(51)));
    }
}
