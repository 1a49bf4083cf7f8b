//! Texts of a policy that stand for many: wildcards and variables.
//!
//! `*` stands for any characters and `?` for one. Where they may reach depends on what the text is
//! ([`Wildcards`]): in ARNs the colons matter. `${key}` stands for what the request says of that
//! key, taken literally; `${key, 'default'}` has something to fall back on; `${*}`, `${?}` and `${$}`
//! are those characters themselves. How a text is cut up is in `compile.rs`, how it is matched in
//! `matching.rs`.

mod compile;
mod matching;

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::context::{Context, Key, Values};
use crate::document::Version;
use crate::malformed::Malformed;

/// What wildcards mean in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    /// They are characters like others.
    Literal,
    /// They reach everywhere.
    Free,
    /// In the five parts of an ARN before the resource, they stay within their part.
    PerPart,
    /// As [`PerPart`](Self::PerPart), but `*` at the end of a part reaches beyond its colon.
    ///
    /// AWS: so says its page about the element `Resource`. `arn:aws:ecs:*` is every ARN of ECS.
    PerPartOrBeyond,
}

/// A compiled text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    shape: Shape,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Anything,
    Exact(Box<str>),
    Prefix(Box<str>),
    Pieces { pieces: Box<[Piece]>, variables: Box<[Variable]> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Box<str>),
    Star {
        over_colons: bool,
    },
    One {
        over_colons: bool,
    },
    /// By its number.
    Variable(usize),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Variable {
    key: Key,
    default: Option<Box<str>>,
}

impl Variable {
    /// AWS: a key with several values cannot be a variable.
    fn value<'a>(&'a self, context: &'a dyn Context) -> Option<Cow<'a, str>> {
        match context.values(&self.key.plain) {
            Some(Values::One(value)) => Some(value.into_text()),
            _ => self.default.as_deref().map(Cow::Borrowed),
        }
    }
}

/// The values of a pattern's variables; four fit without asking for memory.
type Filled<'a> = SmallVec<[Cow<'a, str>; 4]>;

impl Pattern {
    /// `Version` 2008-10-17 has no variables: `${` is text there.
    pub(crate) fn compile(
        text: &str,
        wildcards: Wildcards,
        version: Version,
    ) -> Result<Self, Malformed> {
        Ok(Self { shape: compile::shape(text, wildcards, version)? })
    }

    /// A variable without a value makes a pattern that matches nothing.
    pub(crate) fn matches(&self, text: &str, context: &dyn Context) -> bool {
        match &self.shape {
            Shape::Anything => true,
            Shape::Exact(exact) => **exact == *text,
            Shape::Prefix(prefix) => text.starts_with(&**prefix),
            Shape::Pieces { pieces, variables } => {
                let Some(filled) = fill(variables, context) else { return false };
                matching::matches(pieces, &filled, text)
            }
        }
    }

    /// Whether it surely matches every text that begins so, whatever a request says.
    pub(crate) fn matches_all(&self, beginning: &str) -> bool {
        match &self.shape {
            Shape::Anything => true,
            Shape::Exact(_) => false,
            Shape::Prefix(prefix) => beginning.starts_with(&**prefix),
            // What the last star takes of the beginning may go on as it likes.
            Shape::Pieces { pieces, variables } => {
                variables.is_empty()
                    && matches!(pieces.last(), Some(Piece::Star { over_colons: true }))
                    && matching::matches(pieces, &Filled::new(), beginning)
            }
        }
    }

    /// Whether it surely matches no text that begins so.
    pub(crate) fn matches_none(&self, beginning: &str) -> bool {
        let parts = |known: &str| !known.starts_with(beginning) && !beginning.starts_with(known);
        match &self.shape {
            Shape::Anything => false,
            Shape::Exact(exact) => !exact.starts_with(beginning),
            Shape::Prefix(prefix) => parts(prefix),
            Shape::Pieces { pieces, .. } => match pieces.first() {
                Some(Piece::Text(text)) => parts(text),
                _ => false,
            },
        }
    }

    /// The text itself, if it has no wildcards and its variables have values.
    pub(crate) fn resolve<'a>(&'a self, context: &'a dyn Context) -> Option<Cow<'a, str>> {
        let (pieces, variables) = match &self.shape {
            Shape::Exact(exact) => return Some(Cow::Borrowed(exact)),
            Shape::Anything | Shape::Prefix(_) => return None,
            Shape::Pieces { pieces, variables } => (pieces, variables),
        };
        let filled = fill(variables, context)?;
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Variable(number) => text.push_str(&filled[*number]),
                Piece::Star { .. } | Piece::One { .. } => return None,
            }
        }
        Some(Cow::Owned(text))
    }

    /// The keys of its variables.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        let variables = match &self.shape {
            Shape::Pieces { variables, .. } => &**variables,
            _ => &[],
        };
        variables.iter().map(|variable| &variable.key)
    }
}

fn fill<'a>(variables: &'a [Variable], context: &'a dyn Context) -> Option<Filled<'a>> {
    variables.iter().map(|variable| variable.value(context)).collect()
}

#[cfg(test)]
mod tests;
