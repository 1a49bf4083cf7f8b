//! Versions of the agent: numbers between dots.

use std::cmp::Ordering;
use std::fmt;

/// Missing numbers count as zero: `1.14` is `1.14.0`.
#[derive(Debug, Clone)]
pub(super) struct Version(Vec<u64>);

impl Version {
    /// As an expression must write it: numbers and dots only.
    pub(super) fn written(text: &str) -> Option<Self> {
        text.split('.')
            .map(|part| digits(part).filter(|number| number.len() == part.len())?.parse().ok())
            .collect::<Option<_>>()
            .map(Version)
    }

    /// As an agent reports it: `v1.75.0`, `1.75.0-rc1`. What follows the numbers is not compared.
    pub(super) fn reported(text: &str) -> Option<Self> {
        let numbers = text.strip_prefix('v').unwrap_or(text).split('.');
        let numbers: Vec<u64> = numbers.map_while(|part| digits(part)?.parse().ok()).collect();
        (!numbers.is_empty()).then_some(Version(numbers))
    }

    /// Without the zeros at the end, which say nothing.
    fn significant(&self) -> &[u64] {
        let end = self.0.iter().rposition(|&number| number != 0).map_or(0, |last| last + 1);
        &self.0[..end]
    }
}

fn digits(part: &str) -> Option<&str> {
    let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
    (end > 0).then(|| &part[..end])
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.significant().cmp(other.significant())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u64::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}
