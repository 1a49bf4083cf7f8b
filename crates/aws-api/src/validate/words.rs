//! AWS's wording of a violation, and of the value in it.

use std::fmt::{self, Write};

use super::{Constraint, Offender, Violation};
use crate::schema::{Kind, Shape};
use crate::value::View;

/// A request may be megabytes; what we say about it should not be.
const LONGEST_VALUE: usize = 1024;

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Offender::Absent => f.write_str("Value null")?,
            // AWS: the word stays, the value goes.
            Offender::Hidden => f.write_str("Value")?,
            Offender::Shown(text) => write!(f, "Value '{text}'")?,
        }
        write!(f, " at '{}' failed to satisfy constraint: {}", self.path, self.constraint)
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Constraint::Required => f.write_str("Member must not be null"),
            Constraint::MinValue(min) => {
                write!(f, "Member must have value greater than or equal to {min}")
            }
            Constraint::MaxValue(max) => {
                write!(f, "Member must have value less than or equal to {max}")
            }
            Constraint::MinLength(min) => {
                write!(f, "Member must have length greater than or equal to {min}")
            }
            Constraint::MaxLength(max) => {
                write!(f, "Member must have length less than or equal to {max}")
            }
            Constraint::Pattern(source) => {
                write!(f, "Member must satisfy regular expression pattern: {source}")
            }
            Constraint::OneOf(values) => {
                write!(f, "Member must satisfy enum value set: [{}]", values.join(", "))
            }
            Constraint::ExactlyOneMember => f.write_str("Member must have exactly one member set"),
        }
    }
}

/// Appends a value's text, cut short when it is very long.
pub(super) fn write_value(out: &mut String, view: View<'_>, shape: &'static Shape) {
    append(out, view, shape);
    if let Some((cut, _)) = out.char_indices().nth(LONGEST_VALUE) {
        out.truncate(cut);
        out.push_str("...");
    }
}

/// AWS: composite values look as Java prints them, `[Tag(key=a, value=b)]`.
fn append(out: &mut String, view: View<'_>, shape: &'static Shape) {
    // The cut comes later; this only keeps a huge request from being printed whole first.
    if out.len() > 4 * LONGEST_VALUE {
        return;
    }
    if shape.sensitive {
        out.push_str("***");
        return;
    }
    match view {
        View::Boolean(value) => push(out, value),
        View::Integer(value) => push(out, value),
        View::Long(value) => push(out, value),
        View::Float(value) => push(out, value),
        View::Double(value) => push(out, value),
        View::String(text) | View::Enum(text) => out.push_str(text),
        View::Blob(bytes) => push(out, format_args!("{} bytes", bytes.len())),
        View::Timestamp(at) => push(out, at.as_millis()),
        View::Document(_) => out.push_str("document"),
        View::List(list) => {
            out.push('[');
            for at in 0..list.len() {
                separate(out, at);
                if let Kind::List(entries) = &shape.kind {
                    append(out, list.get(at), entries.member);
                }
            }
            out.push(']');
        }
        View::Map(map) => {
            out.push('{');
            for (at, (key, value)) in map.entries().enumerate() {
                separate(out, at);
                out.push_str(key);
                out.push('=');
                if let Kind::Map(entries) = &shape.kind {
                    append(out, value, entries.value);
                }
            }
            out.push('}');
        }
        View::Structure(value) => {
            let shape = value.shape();
            out.push_str(shape.name);
            out.push('(');
            let members = shape.members().iter().enumerate();
            let present = members.filter_map(|(index, member)| Some((member, value.get(index)?)));
            for (at, (member, view)) in present.enumerate() {
                separate(out, at);
                out.push_str(member.name);
                out.push('=');
                append(out, view, member.shape);
            }
            out.push(')');
        }
    }
}

fn separate(out: &mut String, at: usize) {
    if at > 0 {
        out.push_str(", ");
    }
}

fn push(out: &mut String, value: impl fmt::Display) {
    // Writing to a `String` does not fail.
    let _ = write!(out, "{value}");
}
