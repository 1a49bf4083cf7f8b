//! The patterns of `=~` and `!~`.
//!
//! AWS: a pattern is a Java regular expression and must match the whole value.
//!
//! DEVIATES: look-around and back-references are refused, so that matching always takes linear time.
//! DEVIATES: a pattern of plain characters and `*` is also taken as a wildcard, as people write it:
//! `t3*` finds `t3.micro`, which Java's `t3*` does not.

use regex::{Regex, RegexBuilder};

#[derive(Debug, Clone)]
pub(super) struct Pattern {
    source: String,
    regex: Regex,
}

/// Enough for any sane pattern; `(a{999}){999}` is not one.
const COMPILED_BYTES: usize = 256 * 1024;

impl Pattern {
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        // Alone first: a pattern such as `a)|(b` would become valid by the brackets put around it.
        let alone = compile(source);
        let regex = match (&alone, wildcard(source)) {
            (Ok(_), Some(wildcard)) => compile(&format!(r"\A(?:(?:{source})|{wildcard})\z")),
            (Ok(_), None) => compile(&format!(r"\A(?:{source})\z")),
            (Err(_), Some(wildcard)) => compile(&format!(r"\A{wildcard}\z")),
            (Err(problem), None) => Err(problem.clone()),
        }?;
        Ok(Pattern { source: source.to_owned(), regex })
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn matches(&self, value: &str) -> bool {
        self.regex.is_match(value)
    }
}

/// The same pattern matches the same values, however it was compiled.
impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

fn compile(source: &str) -> Result<Regex, String> {
    RegexBuilder::new(source)
        .size_limit(COMPILED_BYTES)
        .dfa_size_limit(COMPILED_BYTES)
        .nest_limit(50)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
            // The library draws the pattern and a marker over several lines; the last one has the reason.
            error => error
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned(),
        })
}

fn wildcard(source: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@*".contains(c);
    let stars_alone = source.contains('*') && !source.contains(".*");
    (stars_alone && source.chars().all(plain))
        .then(|| source.split('*').map(regex::escape).collect::<Vec<_>>().join(".*"))
}
