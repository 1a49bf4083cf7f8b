//! Decides, before anything is written: every shape's Rust name, type and table, and which members
//! need a box because their structure contains itself.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};

use crate::codegen::config::Service;
use crate::codegen::model::{Model, Shape};
use crate::codegen::names;

pub struct Plan<'a> {
    pub service: &'a str,
    pub config: &'a Service,
    pub model: &'a Model,
    entries: BTreeMap<&'a str, Entry>,
}

struct Entry {
    /// The Rust type of a value, such as `Vec<Tag>`.
    rust: String,
    /// The static that describes it, such as `TAGS`.
    table: String,
}

impl<'a> Plan<'a> {
    pub fn new(service: &'a str, config: &'a Service, model: &'a Model) -> Result<Self> {
        let mut plan = Plan { service, config, model, entries: BTreeMap::new() };
        let mut types = BTreeSet::new();
        let mut tables = BTreeSet::new();
        for (name, shape) in &model.shapes.0 {
            let rust = if has_own_type(shape) {
                names::unique(names::type_name(name), &mut types)
            } else {
                String::new() // A list or map: named once its members are.
            };
            let table = match shared_table(shape) {
                Some(table) => table.to_owned(),
                None => names::unique(names::constant(name), &mut tables),
            };
            plan.entries.insert(name, Entry { rust, table });
        }
        for (name, shape) in &model.shapes.0 {
            if !has_own_type(shape) {
                let rust = plan.composed_type(name, shape, 0)?;
                plan.entries.get_mut(name.as_str()).context("every shape has an entry")?.rust =
                    rust;
            }
        }
        Ok(plan)
    }

    pub fn shape(&self, name: &str) -> Result<&'a Shape> {
        self.model.shapes.get(name).with_context(|| format!("the model has no shape {name}"))
    }

    pub fn rust(&self, name: &str) -> Result<&str> {
        Ok(&self.entry(name)?.rust)
    }

    pub fn table(&self, name: &str) -> Result<&str> {
        Ok(&self.entry(name)?.table)
    }

    /// Structures that get a Rust struct, in the model's order; errors among them.
    pub fn structures(&self) -> impl Iterator<Item = (&'a str, &'a Shape)> {
        let shapes = self.model.shapes.0.iter();
        shapes
            .filter(|(_, shape)| shape.kind == "structure" && !shape.document)
            .map(|(name, shape)| (name.as_str(), shape))
    }

    /// Whether a member of `owner` of this shape must be boxed for the struct to have a size.
    ///
    /// Lists and maps hold their entries elsewhere, so only structures directly inside of structures count.
    pub fn contains_itself(&self, owner: &str, member: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![member];
        while let Some(name) = waiting.pop() {
            if name == owner {
                return true;
            }
            let shape = self.model.shapes.get(name).filter(|shape| shape.kind == "structure");
            if seen.insert(name)
                && let Some(shape) = shape
            {
                waiting.extend(shape.members.0.iter().map(|(_, member)| member.shape.as_str()));
            }
        }
        false
    }

    fn entry(&self, name: &str) -> Result<&Entry> {
        self.entries.get(name).with_context(|| format!("the model has no shape {name}"))
    }

    fn composed_type(&self, name: &str, shape: &Shape, depth: usize) -> Result<String> {
        if depth > 16 {
            bail!("{name} is a list or map that contains only itself");
        }
        Ok(match shape.kind.as_str() {
            "list" => format!("Vec<{}>", self.element(name, shape.member.as_ref(), depth)?),
            "map" => {
                let value = self.element(name, shape.value.as_ref(), depth)?;
                format!("BTreeMap<String, {value}>")
            }
            _ => scalar(name, shape)?.to_owned(),
        })
    }

    fn element(
        &self,
        name: &str,
        element: Option<&crate::codegen::model::ShapeRef>,
        depth: usize,
    ) -> Result<String> {
        let element = element.with_context(|| format!("{name} says nothing about its entries"))?;
        let shape = self.shape(&element.shape)?;
        if has_own_type(shape) {
            return Ok(self.rust(&element.shape)?.to_owned());
        }
        self.composed_type(&element.shape, shape, depth + 1)
    }
}

/// Structures and enums; everything else is made of Rust's own types.
fn has_own_type(shape: &Shape) -> bool {
    (shape.kind == "structure" && !shape.document) || is_enum(shape)
}

pub fn is_enum(shape: &Shape) -> bool {
    shape.kind == "string" && !shape.values.is_empty()
}

/// The table in `schema::prelude` of a shape that says nothing of its own.
pub fn shared_table(shape: &Shape) -> Option<&'static str> {
    let plain = shape.values.is_empty()
        && shape.min.is_none()
        && shape.max.is_none()
        && shape.pattern.is_none()
        && shape.timestamp_format.is_none()
        && !shape.sensitive;
    if !plain {
        return None;
    }
    Some(match shape.kind.as_str() {
        "boolean" => "BOOLEAN",
        "integer" => "INTEGER",
        "long" => "LONG",
        "float" => "FLOAT",
        "double" => "DOUBLE",
        "string" => "STRING",
        "blob" => "BLOB",
        "timestamp" => "TIMESTAMP",
        "structure" if shape.document => "DOCUMENT",
        _ => return None,
    })
}

fn scalar(name: &str, shape: &Shape) -> Result<&'static str> {
    Ok(match shape.kind.as_str() {
        "boolean" => "bool",
        "integer" => "i32",
        "long" => "i64",
        "float" => "f32",
        "double" => "f64",
        "string" => "String",
        "blob" => "Bytes",
        "timestamp" => "Timestamp",
        "structure" if shape.document => "Document",
        other => bail!("{name} is of a type that is not supported: {other}"),
    })
}
