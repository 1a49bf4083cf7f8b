//! JSON with holes: what both ends of a conversation say, whichever ids and instants they choose.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};

/// A JSON document in which a string may be a variable.
///
/// - `"$name"` stands for any value, and for the same one wherever it appears again.
/// - `"$name=example"` says what to send if nobody has chosen a value yet: JSON, or else a text.
/// - `"$_"` stands for anything, each time anew.
/// - the member `"$more"` of an object allows for members that are not named.
///
/// A member that says nothing (absent, null, false, zero, an empty text, list or object) equals one that
/// is absent: the two ends are written in languages that differ in this. A text that holds a JSON object
/// is compared as an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Value);

/// What the variables of a conversation stand for.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    known: BTreeMap<String, Value>,
    examples: BTreeMap<String, Value>,
}

/// Where a document differs from its pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    path: String,
    expected: Value,
    found: Value,
}

const ANYTHING: &str = "_";
const MORE: &str = "$more";

impl Pattern {
    pub fn of_text(text: &str) -> Self {
        Self(Value::from(text))
    }

    /// The document to send: variables that nobody has chosen yet get their example.
    pub fn fill(&self, bindings: &mut Bindings) -> Value {
        fill(&self.0, bindings)
    }

    /// Compares, and takes the values of variables that were not known.
    pub fn check(&self, found: &Value, bindings: &mut Bindings) -> Result<(), Mismatch> {
        check(&self.0, found, bindings, &mut Vec::new())
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map(Self).map_err(|error| error.to_string())
    }
}

impl Bindings {
    pub fn with_examples(examples: impl Iterator<Item = (String, Value)>) -> Self {
        Self { known: BTreeMap::new(), examples: examples.collect() }
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.known.get(name)
    }

    /// What to send for a variable.
    fn choose(&mut self, name: &str, example: Option<&str>) -> Value {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let chosen = match (example, self.examples.get(name)) {
            (None, Some(example)) => example.clone(),
            (example, _) => {
                let text = example.unwrap_or(name);
                serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
            }
        };
        if name != ANYTHING {
            self.known.insert(name.to_owned(), chosen.clone());
        }
        chosen
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}: expected {}, found {}", self.path, self.expected, self.found)
    }
}

/// The name, and the example if there is one.
fn variable(value: &Value) -> Option<(&str, Option<&str>)> {
    let text = value.as_str()?.strip_prefix('$')?;
    Some(match text.split_once('=') {
        Some((name, example)) => (name, Some(example)),
        None => (text, None),
    })
}

fn fill(pattern: &Value, bindings: &mut Bindings) -> Value {
    if let Some((name, example)) = variable(pattern) {
        return bindings.choose(name, example);
    }
    match pattern {
        Value::Object(members) => {
            let named = members.iter().filter(|(name, _)| *name != MORE);
            named.map(|(name, value)| (name.clone(), fill(value, bindings))).collect()
        }
        Value::Array(items) => items.iter().map(|item| fill(item, bindings)).collect(),
        plain => plain.clone(),
    }
}

fn check(
    pattern: &Value,
    found: &Value,
    bindings: &mut Bindings,
    path: &mut Vec<String>,
) -> Result<(), Mismatch> {
    let mismatch = |expected: &Value, path: &[String]| Mismatch {
        path: format!("/{}", path.join("/")),
        expected: expected.clone(),
        found: found.clone(),
    };
    if let Some((name, _)) = variable(pattern) {
        if name == ANYTHING {
            return Ok(());
        }
        return match bindings.known.get(name) {
            Some(known) if known != found => Err(mismatch(known, path)),
            Some(_) => Ok(()),
            None => {
                bindings.known.insert(name.to_owned(), found.clone());
                Ok(())
            }
        };
    }
    match (pattern, found) {
        (Value::Object(wanted), Value::Object(held)) => check_members(wanted, held, bindings, path),
        (Value::Array(wanted), Value::Array(held)) if wanted.len() == held.len() => {
            for (at, (wanted, held)) in wanted.iter().zip(held).enumerate() {
                path.push(at.to_string());
                check(wanted, held, bindings, path)?;
                path.pop();
            }
            Ok(())
        }
        (Value::Number(wanted), Value::Number(held)) if wanted.as_f64() == held.as_f64() => Ok(()),
        (Value::String(wanted), Value::String(held)) if wanted != held => {
            match (unfold(wanted), unfold(held)) {
                (Some(wanted), Some(held)) => check_members(&wanted, &held, bindings, path),
                _ => Err(mismatch(pattern, path)),
            }
        }
        _ if pattern == found => Ok(()),
        _ => Err(mismatch(pattern, path)),
    }
}

fn check_members(
    wanted: &Map<String, Value>,
    held: &Map<String, Value>,
    bindings: &mut Bindings,
    path: &mut Vec<String>,
) -> Result<(), Mismatch> {
    let allows_more = wanted.contains_key(MORE);
    let unnamed = held.keys().filter(|name| !allows_more && !wanted.contains_key(*name));
    let named = wanted.keys().filter(|name| *name != MORE);
    for name in named.chain(unnamed) {
        let (wanted, held) = (wanted.get(name), held.get(name).unwrap_or(&Value::Null));
        let wanted = wanted.unwrap_or(&Value::Null);
        if says_nothing(wanted) && says_nothing(held) {
            continue;
        }
        path.push(name.clone());
        check(wanted, held, bindings, path)?;
        path.pop();
    }
    Ok(())
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

fn unfold(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(text).ok()
}
