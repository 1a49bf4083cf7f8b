//! Checks a request against the constraints of its model, and words what it finds as AWS does.
//!
//! Only what the model states: required members, ranges, lengths, patterns, enums, unions. What a
//! service checks beyond its model is the operation's. Which error code a violation becomes is the
//! service's ([`ServiceError::invalid`](crate::ServiceError::invalid)).

use std::fmt;

use crate::path::Path;
use crate::schema::{Kind, Shape};
use crate::structure::Structure;
use crate::value::View;

/// AWS: a message never lists more than this many.
const MOST_REPORTED: usize = 10;

/// What is wrong with a request, in the order of the model's members. Never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Violations(Vec<Violation>);

/// One constraint that one value breaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// In AWS's spelling: `tags.1.member.key`.
    pub path: String,
    pub value: Offender,
    pub constraint: Constraint,
}

/// The value that breaks a constraint, as far as it may be shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Offender {
    Absent,
    /// The model calls it sensitive.
    Hidden,
    Shown(String),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Constraint {
    Required,
    MinValue(i64),
    MaxValue(i64),
    MinLength(i64),
    MaxLength(i64),
    Pattern(&'static str),
    OneOf(&'static [&'static str]),
    /// A union with none or several of its members.
    ExactlyOneMember,
}

/// Checks a structure and all that it contains.
pub fn check(value: &dyn Structure) -> Result<(), Violations> {
    let mut found = Vec::new();
    check_structure(value, &Path::ROOT, &mut found);
    if found.is_empty() { Ok(()) } else { Err(Violations(found)) }
}

impl Violations {
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }
}

fn check_structure(value: &dyn Structure, path: &Path<'_>, found: &mut Vec<Violation>) {
    let shape = value.shape();
    let mut present = 0;
    for (index, member) in shape.members().iter().enumerate() {
        let here = path.member(member.name);
        match value.get(index) {
            Some(view) => {
                present += 1;
                check_value(view, member.shape, &here, found);
            }
            None if member.required => report(found, &here, Offender::Absent, Constraint::Required),
            None => {}
        }
        if found.len() >= MOST_REPORTED {
            return;
        }
    }
    if matches!(shape.kind, Kind::Union(_)) && present != 1 {
        report(found, path, offender(View::Structure(value), shape), Constraint::ExactlyOneMember);
    }
}

fn check_value(view: View<'_>, shape: &'static Shape, path: &Path<'_>, found: &mut Vec<Violation>) {
    check_bounds(view, shape, path, found);
    match view {
        View::String(text) | View::Enum(text) => check_text(text, view, shape, path, found),
        View::List(list) => {
            if let Kind::List(entries) = &shape.kind {
                for at in 0..list.len() {
                    check_value(list.get(at), entries.member, &path.index(at), found);
                    if found.len() >= MOST_REPORTED {
                        return;
                    }
                }
            }
        }
        View::Map(map) => {
            if let Kind::Map(entries) = &shape.kind {
                for (key, value) in map.entries() {
                    let here = path.key(key);
                    check_value(View::String(key), entries.key, &here, found);
                    check_value(value, entries.value, &here, found);
                    if found.len() >= MOST_REPORTED {
                        return;
                    }
                }
            }
        }
        View::Structure(value) => check_structure(value, path, found),
        _ => {}
    }
}

fn check_text(
    text: &str,
    view: View<'_>,
    shape: &'static Shape,
    path: &Path<'_>,
    found: &mut Vec<Violation>,
) {
    if let Kind::Enum(values) = shape.kind
        && !values.contains(&text)
    {
        report(found, path, offender(view, shape), Constraint::OneOf(values));
    }
    if let Some(pattern) = shape.pattern
        && !pattern.matches(text)
    {
        report(found, path, offender(view, shape), Constraint::Pattern(pattern.source()));
    }
}

fn check_bounds(
    view: View<'_>,
    shape: &'static Shape,
    path: &Path<'_>,
    found: &mut Vec<Violation>,
) {
    if shape.min.is_none() && shape.max.is_none() {
        return;
    }
    let (below, above) = match view {
        View::Integer(value) => outside(i64::from(value), shape),
        View::Long(value) => outside(value, shape),
        View::Float(value) => outside_real(f64::from(value), shape),
        View::Double(value) => outside_real(value, shape),
        View::String(text) | View::Enum(text) => outside(count(text.chars().count()), shape),
        View::Blob(bytes) => outside(count(bytes.len()), shape),
        View::List(list) => outside(count(list.len()), shape),
        View::Map(map) => outside(count(map.len()), shape),
        View::Boolean(_) | View::Timestamp(_) | View::Document(_) | View::Structure(_) => return,
    };
    let is_number =
        matches!(view, View::Integer(_) | View::Long(_) | View::Float(_) | View::Double(_));
    if let Some(min) = below {
        let constraint =
            if is_number { Constraint::MinValue(min) } else { Constraint::MinLength(min) };
        report(found, path, offender(view, shape), constraint);
    }
    if let Some(max) = above {
        let constraint =
            if is_number { Constraint::MaxValue(max) } else { Constraint::MaxLength(max) };
        report(found, path, offender(view, shape), constraint);
    }
}

/// The bounds that a value breaks: the lower, the upper.
fn outside(value: i64, shape: &Shape) -> (Option<i64>, Option<i64>) {
    (shape.min.filter(|&min| value < min), shape.max.filter(|&max| value > max))
}

/// As `outside`; a NaN is inside of nothing.
fn outside_real(value: f64, shape: &Shape) -> (Option<i64>, Option<i64>) {
    let holds = |inside: bool| !inside;
    (
        shape.min.filter(|&min| holds(value >= min as f64)),
        shape.max.filter(|&max| holds(value <= max as f64)),
    )
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn report(found: &mut Vec<Violation>, path: &Path<'_>, value: Offender, constraint: Constraint) {
    if found.len() < MOST_REPORTED {
        found.push(Violation { path: path.in_aws_words().to_string(), value, constraint });
    }
}

fn offender(view: View<'_>, shape: &'static Shape) -> Offender {
    if shape.sensitive {
        return Offender::Hidden;
    }
    let mut text = String::new();
    words::write_value(&mut text, view, shape);
    Offender::Shown(text)
}

impl std::error::Error for Violations {}

/// The whole message, ready for a client.
impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = if self.0.len() == 1 { "error" } else { "errors" };
        write!(f, "{} validation {errors} detected: ", self.0.len())?;
        for (at, violation) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            violation.fmt(f)?;
        }
        Ok(())
    }
}

mod words;

#[cfg(test)]
mod tests;
