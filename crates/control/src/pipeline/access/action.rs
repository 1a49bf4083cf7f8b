//! What an action is called.

use std::fmt;
use std::ops::Deref;

use super::text::Text;

/// Such as `ecs:RunTask`: known beforehand, or made once from a table's prefix and an operation's name. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Action(Text);

impl Action {
    pub(super) fn of(prefix: &str, name: &str) -> Self {
        Action(Text::Shared(format!("{prefix}:{name}").into()))
    }
}

impl From<&'static str> for Action {
    fn from(name: &'static str) -> Self {
        Action(name.into())
    }
}

impl Deref for Action {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
