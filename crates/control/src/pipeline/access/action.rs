//! What an action is called.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// Such as `ecs:RunTask`: known beforehand, or made once from a table's prefix and an operation's name. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Action {
    Known(&'static str),
    OfTable(Arc<str>),
}

impl Action {
    pub(super) fn of(prefix: &str, name: &str) -> Self {
        Action::OfTable(format!("{prefix}:{name}").into())
    }
}

impl From<&'static str> for Action {
    fn from(name: &'static str) -> Self {
        Action::Known(name)
    }
}

impl Deref for Action {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Action::Known(name) => name,
            Action::OfTable(name) => name,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Action {}

impl Hash for Action {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}
