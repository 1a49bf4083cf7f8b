//! A policy as JSON again: what it says, in one form. Parsing that gives an equal policy.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Document;
use crate::condition::Condition;
use crate::statement::Statement;

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("Version", self.version.as_str())?;
        if let Some(id) = &self.id {
            map.serialize_entry("Id", id)?;
        }
        let statements: Vec<&Statement> = self.statements.iter().map(AsRef::as_ref).collect();
        map.serialize_entry("Statement", &statements)?;
        map.end()
    }
}

impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(sid) = &self.sid {
            map.serialize_entry("Sid", sid)?;
        }
        map.serialize_entry("Effect", self.effect.as_str())?;
        if let Some(principals) = &self.principals {
            let name = if principals.negated() { "NotPrincipal" } else { "Principal" };
            match principals.written() {
                None => map.serialize_entry(name, "*")?,
                Some(kinds) => map.serialize_entry(name, &Members(kinds))?,
            }
        }
        let name = if self.actions.negated() { "NotAction" } else { "Action" };
        map.serialize_entry(name, self.actions.written())?;
        if let Some(resources) = &self.resources {
            let name = if resources.negated() { "NotResource" } else { "Resource" };
            map.serialize_entry(name, resources.written())?;
        }
        if !self.conditions.is_empty() {
            map.serialize_entry("Condition", &Conditions(&self.conditions))?;
        }
        map.end()
    }
}

/// Pairs of a name and what it has, in their order.
struct Members<K, V>(Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Members<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// Those of one operator follow each other, as they were parsed.
struct Conditions<'a>(&'a [Condition]);

impl Serialize for Conditions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let operators = self.0.chunk_by(|one, next| one.operator() == next.operator());
        serializer.collect_map(operators.map(|conditions| {
            let keys = conditions.iter().map(|one| (&one.key().written, one.written())).collect();
            (conditions[0].operator().to_string(), Members(keys))
        }))
    }
}
