//! One value that a condition compares with.

use berth_proxy_protocol::Pattern;
use regex::bytes::{Regex, RegexBuilder};

use super::wildcard::Wildcard;

/// What an expression may take of memory when it is compiled. AWS's are of 128 characters.
const REGEX_BYTES: usize = 1 << 20;

#[derive(Debug)]
pub(super) enum Value {
    Wildcard(Wildcard),
    Regex(Regex),
}

impl Value {
    pub(super) fn compile(pattern: &Pattern, ignores_case: bool) -> Result<Value, String> {
        Ok(match pattern {
            Pattern::Wildcard(pattern) => Value::Wildcard(Wildcard::compile(pattern, ignores_case)),
            Pattern::Regex(expression) => Value::Regex(regex(expression, ignores_case)?),
        })
    }

    /// A wildcard has to be all of the text; an expression has to be found in it.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        match self {
            Value::Wildcard(wildcard) => wildcard.matches(text),
            Value::Regex(regex) => regex.is_match(text),
        }
    }
}

/// AWS: expressions know no Unicode.
pub(crate) fn regex(expression: &str, ignores_case: bool) -> Result<Regex, String> {
    RegexBuilder::new(expression)
        .unicode(false)
        .case_insensitive(ignores_case)
        .size_limit(REGEX_BYTES)
        .build()
        .map_err(|error| format!("`{expression}` is no regular expression: {error}"))
}
