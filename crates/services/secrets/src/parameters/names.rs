//! What may be a parameter's name, and what a request means by one: a name or an ARN, with a version or a label.

use berth_aws_api::ssm as api;
use berth_control::pipeline::{CommonError, Failure};
use berth_model::Scope;

use super::invalid;
use crate::tables::Parameter;

/// AWS: in a hierarchy, with the parameter itself.
const MOST_LEVELS: usize = 15;
/// AWS: the whole ARN.
const LONGEST_ARN: usize = 1011;
/// AWS: what nobody's names begin with, in any case.
const RESERVED: [&str; 2] = ["aws", "ssm"];

/// A name with what selects one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub name: String,
    pub selector: Option<Selector>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    Version(u64),
    Label(String),
}

impl Reference {
    /// What a request means in this world.
    pub fn parse(scope: &Scope, text: &str) -> Self {
        let own = Parameter::arn_of(scope, "");
        let (name, is_arn) = match text.strip_prefix(&own) {
            Some(name) => (name, true),
            None => (text, false),
        };
        let (name, selector) = match name.split_once(':') {
            // Another world's ARN is nobody's name.
            _ if name.starts_with("arn:") => (name, None),
            Some((name, selector)) => (name, Some(Selector::parse(selector))),
            None => (name, None),
        };
        // An ARN does not tell the slash in front of a hierarchy from its own.
        let slash = if is_arn && name.contains('/') { "/" } else { "" };
        Reference { name: format!("{slash}{name}"), selector }
    }
}

impl Selector {
    fn parse(text: &str) -> Self {
        match text.parse() {
            Ok(number) => Selector::Version(number),
            Err(_) => Selector::Label(text.to_owned()),
        }
    }

    /// As answers repeat it.
    pub fn render(&self) -> String {
        match self {
            Selector::Version(number) => format!(":{number}"),
            Selector::Label(label) => format!(":{label}"),
        }
    }
}

/// A level of a hierarchy: a slash at its end says nothing.
pub fn level(path: &str) -> &str {
    path.trim_end_matches('/')
}

/// A name that a new parameter may have.
pub fn check_new(scope: &Scope, name: &str) -> Result<(), Failure<api::Error>> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    if name.is_empty() || !name.chars().all(allowed) || name.ends_with('/') || name.contains("//") {
        return Err(invalid(
            "Parameter name: can only contain letters, numbers and the symbols .-_/ as the parts of a hierarchy, and \
             no empty part",
        ));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(invalid(
            "Parameter name must be a fully qualified name: one in a hierarchy begins with a slash.",
        ));
    }
    let first = name.trim_start_matches('/');
    let is_reserved = |start: &&str| {
        first.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
    };
    if RESERVED.iter().any(is_reserved) {
        return Err(match name.starts_with("/aws/") {
            true => Failure::common(CommonError::AccessDenied(format!(
                "No access to reserved parameter name: {name}."
            ))),
            false => invalid(
                "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).",
            ),
        });
    }
    if name.split('/').filter(|part| !part.is_empty()).count() > MOST_LEVELS {
        return Err(api::Error::hierarchy_level_limit_exceeded(format!(
            "A parameter hierarchy can have {MOST_LEVELS} levels at most."
        ))
        .into());
    }
    match Parameter::arn_of(scope, name).len() > LONGEST_ARN {
        true => Err(invalid(format!(
            "Parameter name: with the rest of its ARN it can have {LONGEST_ARN} characters at most."
        ))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope::new("123456789012".parse().unwrap(), "us-east-1".parse().unwrap())
    }

    #[test]
    fn a_reference_is_a_name_or_an_arn_with_a_version_or_a_label() {
        let arn = "arn:aws:ssm:us-east-1:123456789012:parameter";
        let elsewhere = "arn:aws:ssm:us-east-1:210987654321:parameter/a";
        for (text, name, selector) in [
            ("a", "a", None),
            ("a:3", "a", Some(Selector::Version(3))),
            ("/a/b:prod", "/a/b", Some(Selector::Label("prod".to_owned()))),
            (&format!("{arn}/a"), "a", None),
            (&format!("{arn}/a/b:3"), "/a/b", Some(Selector::Version(3))),
            (elsewhere, elsewhere, None),
        ] {
            let found = Reference::parse(&scope(), text);
            assert_eq!(found, Reference { name: name.to_owned(), selector }, "{text}");
        }
    }

    #[test]
    fn names_are_checked() {
        for name in ["a", "/a", "/a/b.c-d_E/1", "/my/aws"] {
            assert!(check_new(&scope(), name).is_ok(), "{name}");
        }
        let deep = "/a".repeat(16);
        let long = "a".repeat(1000);
        for name in
            ["", "a b", "a:b", "/a/", "//a", "a/b", "awsome", "/aws/service", "/SSM", &deep, &long]
        {
            assert!(check_new(&scope(), name).is_err(), "{name}");
        }
    }
}
