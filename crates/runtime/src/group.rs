//! A group of containers that share limits: what all of them take together is held against one figure.

use berth_model::CpuUnits;

use crate::{ErrorKind, MemoryBytes, RuntimeError, Verb};

/// What the members of a group may take together. `GroupSpec::new(name)` and struct update give the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSpec {
    /// Unique among the groups of one owner: letters, digits, `_`, `.` and `-`.
    pub name: String,
    /// Relative weight among groups; 1024 is one vCPU's worth.
    pub cpu_shares: Option<u32>,
    /// The processors' time that the group gets at most, however idle the host is.
    pub cpu_limit: Option<CpuUnits>,
    /// A member is killed if they need more together.
    pub memory_limit: Option<MemoryBytes>,
}

impl GroupSpec {
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), cpu_shares: None, cpu_limit: None, memory_limit: None }
    }
}

/// A group's name becomes a directory's or a unit's: nothing in it may lead elsewhere.
pub(crate) fn check_name(verb: Verb, name: &str) -> Result<(), RuntimeError> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if !name.is_empty() && !name.starts_with('.') && name.chars().all(is_word) {
        return Ok(());
    }
    let message = format!("`{name}` cannot name a group: letters, digits, `_`, `.` and `-` can");
    Err(RuntimeError::new(verb, ErrorKind::Invalid, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_where_they_are_put() {
        for bad in ["", ".", "..", "a/b", "../b", "a b", "ä"] {
            let error = check_name(Verb::EnsureGroup, bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid, "{bad}");
        }
        assert!(check_name(Verb::EnsureGroup, "0123-ab_c.d").is_ok());
    }
}
