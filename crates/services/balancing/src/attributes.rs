//! Attributes: settings by name, of balancers, target groups and listeners.
//!
//! Every name that ELB has is in one of the tables below, with its first value and what it may be. A value that Berth does
//! not do is refused by name; what is said and is as it was at first is no row's business, but kept all the same, so that
//! it is told again as it was said.

pub mod listener;
pub mod load_balancer;
pub mod target_group;

use std::collections::BTreeMap;

use berth_aws_api::elbv2 as api;

/// One attribute of a kind of thing.
pub struct Attribute {
    pub key: &'static str,
    pub first: &'static str,
    pub takes: Takes,
}

/// What an attribute may be.
pub enum Takes {
    Truth,
    /// Both ends included.
    Number(u32, u32),
    /// The same, or `off`.
    NumberOrOff(u32, u32),
    Word(&'static [&'static str]),
    /// At most so many characters.
    Text(usize),
    /// A header's name, or a header's value.
    HeaderName,
    /// Only its first value: anything else is what Berth does not do, for this reason.
    Only(&'static str),
}

/// The attributes of one thing: which there are depends on its kind.
pub struct Attributes {
    /// `Load balancer`, `Target group`, `Listener`.
    pub what: &'static str,
    /// Such as `load balancers with type 'network'`.
    pub which: String,
    pub known: Vec<&'static Attribute>,
    /// The names that other kinds of the same thing have.
    pub elsewhere: Vec<&'static str>,
}

impl Attributes {
    /// Checks what a request sets, and adds it to what is set.
    pub fn set(
        &self,
        existing: &BTreeMap<String, String>,
        given: impl IntoIterator<Item = (Option<String>, Option<String>)>,
    ) -> Result<BTreeMap<String, String>, api::Error> {
        let mut set = existing.clone();
        let mut seen = std::collections::BTreeSet::new();
        let what = self.what;
        for (key, value) in given {
            let key = key.unwrap_or_default();
            let Some(attribute) = self.known.iter().find(|known| known.key == key) else {
                if self.elsewhere.contains(&key.as_str()) {
                    let which = &self.which;
                    return Err(api::Error::invalid_configuration_request(format!(
                        "{what} attribute key '{key}' is not supported on {which}"
                    )));
                }
                return Err(api::Error::validation(format!(
                    "{what} attribute key '{key}' is not recognized"
                )));
            };
            if !seen.insert(attribute.key) {
                return Err(api::Error::validation(format!(
                    "{what} attribute key '{key}' is specified more than once"
                )));
            }
            let value = value.unwrap_or_default();
            attribute.check(what, &value)?;
            set.insert(key, value);
        }
        Ok(set)
    }

    /// All of them, as they are.
    pub fn all<'a>(
        &'a self,
        set: &'a BTreeMap<String, String>,
    ) -> impl Iterator<Item = (Option<String>, Option<String>)> + use<'a> {
        self.known.iter().map(|attribute| {
            let value = set.get(attribute.key).map_or(attribute.first, String::as_str);
            (Some(attribute.key.to_owned()), Some(value.to_owned()))
        })
    }

    /// The value of one that there is.
    pub fn value<'a>(&self, set: &'a BTreeMap<String, String>, key: &str) -> &'a str {
        let first = || self.known.iter().find(|known| known.key == key).map_or("", |it| it.first);
        set.get(key).map_or_else(first, String::as_str)
    }

    pub fn truth(&self, set: &BTreeMap<String, String>, key: &str) -> bool {
        self.value(set, key) == "true"
    }

    /// What is no number is 0: `off`.
    pub fn number(&self, set: &BTreeMap<String, String>, key: &str) -> u32 {
        self.value(set, key).parse().unwrap_or(0)
    }
}

impl Attribute {
    fn check(&self, what: &str, value: &str) -> Result<(), api::Error> {
        let key = self.key;
        let wrong = |expected: String| {
            Err(api::Error::validation(format!(
                "{what} attribute value '{value}' of key '{key}' is not valid: {expected}"
            )))
        };
        let is_within = |low: u32, high: u32| {
            value.parse::<u32>().is_ok_and(|number| (low..=high).contains(&number))
        };
        match &self.takes {
            Takes::Truth if !matches!(value, "true" | "false") => {
                wrong("must be 'true' or 'false'".to_owned())
            }
            Takes::Number(low, high) if !is_within(*low, *high) => {
                wrong(format!("must be between {low} and {high}"))
            }
            Takes::NumberOrOff(low, high) if value != "off" && !is_within(*low, *high) => {
                wrong(format!("must be 'off' or between {low} and {high}"))
            }
            Takes::Word(words) if !words.contains(&value) => {
                wrong(format!("must be one of '{}'", words.join(", ")))
            }
            Takes::Text(most) if value.chars().count() > *most => {
                wrong(format!("cannot be longer than {most} characters"))
            }
            Takes::Text(_) if value.chars().any(char::is_control) => {
                wrong("cannot have control characters".to_owned())
            }
            Takes::HeaderName if !is_header_name(value) => {
                wrong("must be the name of a header".to_owned())
            }
            Takes::Only(why) if value != self.first => {
                Err(api::Error::invalid_configuration_request(format!(
                    "{what} attribute key '{key}' with value '{value}' is not supported: {why}"
                )))
            }
            _ => Ok(()),
        }
    }
}

/// Nothing at all takes a name back.
fn is_header_name(text: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.len() <= 40 && text.bytes().all(is_fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    static KNOWN: [Attribute; 3] = [
        Attribute { key: "a", first: "false", takes: Takes::Truth },
        Attribute { key: "b", first: "60", takes: Takes::Number(1, 4000) },
        Attribute { key: "c", first: "false", takes: Takes::Only("there is nobody to do it") },
    ];

    fn attributes() -> Attributes {
        Attributes {
            what: "Thing",
            which: "things with type 'x'".to_owned(),
            known: KNOWN.iter().collect(),
            elsewhere: vec!["d"],
        }
    }

    fn set(key: &str, value: &str) -> Result<BTreeMap<String, String>, String> {
        let given = [(Some(key.to_owned()), Some(value.to_owned()))];
        attributes().set(&BTreeMap::new(), given).map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_checked_by_what_the_attribute_takes() {
        assert!(set("a", "true").is_ok() && set("b", "4000").is_ok() && set("c", "false").is_ok());
        for (key, value, expected) in [
            ("a", "yes", "must be 'true' or 'false'"),
            ("b", "0", "must be between 1 and 4000"),
            ("b", "x", "must be between 1 and 4000"),
            ("c", "true", "there is nobody to do it"),
            ("d", "1", "is not supported on things with type 'x'"),
            ("e", "1", "is not recognized"),
        ] {
            let error = set(key, value).expect_err("it is refused");
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn what_was_set_is_told_over_what_is_first() {
        let (attributes, set) = (attributes(), set("b", "7").expect("sound"));
        assert_eq!(attributes.number(&set, "b"), 7);
        assert!(!attributes.truth(&set, "a"));
        let all: Vec<_> = attributes.all(&set).filter_map(|(_, value)| value).collect();
        assert_eq!(all, ["false", "7", "false"]);
    }
}
