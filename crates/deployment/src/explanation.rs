//! How a plan came about, in words.

use std::fmt;

/// Facts, not sentences: rendering waits until somebody asks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Explanation {
    pub notes: Vec<Note>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    NoPrimary,
    Counted {
        desired: u32,
        floor: u32,
        ceiling: u32,
        staying: u32,
        healthy: u32,
        leaving: u32,
        stopping: u32,
    },
    Steady,
    Deleted {
        live: u32,
        stopping: u32,
    },
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, note) in self.notes.iter().enumerate() {
            write!(f, "{}{note}", if index == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::NoPrimary => {
                f.write_str("No deployment is primary, so there is nothing to move to.")
            }
            Note::Counted { desired, floor, ceiling, staying, healthy, leaving, stopping } => {
                write!(
                    f,
                    "{desired} desired, at least {floor} healthy and at most {ceiling} in all: {staying} stay \
                 ({healthy} healthy), {leaving} leave, {stopping} are stopping."
                )
            }
            Note::Steady => f.write_str("Nothing to do: the service is steady."),
            Note::Deleted { live, stopping } => {
                write!(f, "The service was deleted: {live} tasks to stop, {stopping} are stopping.")
            }
        }
    }
}
