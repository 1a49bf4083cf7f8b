//! Writes `shapes.rs`: the tables of lists, maps and constrained scalars, which have no type of their own.

use std::fmt::Write;

use anyhow::{Context, Result};

use super::members::{checked_pattern, shape_traits};
use super::plan::{Plan, is_enum, shared_table};
use crate::codegen::model::Shape;

pub fn write(plan: &Plan<'_>) -> Result<String> {
    let mut out = String::from(
        "use super::*;\nuse crate::schema::prelude::*;\nuse crate::schema::{Kind, Pattern, Shape, TimestampFormat};\n",
    );
    for (name, shape) in &plan.model.shapes.0 {
        if shape.kind == "structure" || is_enum(shape) || shared_table(shape).is_some() {
            continue;
        }
        let table = plan.table(name)?;
        if let Some(pattern) = checked_pattern(plan, name, shape) {
            writeln!(out, "\nstatic {table}_PATTERN: Pattern = Pattern::new({});", raw(pattern))?;
        } else {
            out.push('\n');
        }
        let made = construct(plan, name, shape)?;
        let traits = shape_traits(plan, name, shape)?;
        writeln!(out, "pub(crate) static {table}: Shape = {made}{traits};")?;
    }
    Ok(out)
}

fn construct(plan: &Plan<'_>, name: &str, shape: &Shape) -> Result<String> {
    Ok(match shape.kind.as_str() {
        "list" => {
            let member = shape.member.as_ref().context("a list says what its entries are")?;
            let table = plan.table(&member.shape)?;
            match &member.location_name {
                None => format!("Shape::list({name:?}, &{table})"),
                Some(entry) => format!("Shape::named_list({name:?}, &{table}, {entry:?})"),
            }
        }
        "map" => {
            let key = shape.key.as_ref().context("a map says what its keys are")?;
            let value = shape.value.as_ref().context("a map says what its values are")?;
            let (keys, values) = (plan.table(&key.shape)?, plan.table(&value.shape)?);
            match (&key.location_name, &value.location_name) {
                (None, None) => format!("Shape::map({name:?}, &{keys}, &{values})"),
                (key, value) => {
                    format!(
                        "Shape::named_map({name:?}, (&{keys}, {key:?}), (&{values}, {value:?}))"
                    )
                }
            }
        }
        scalar => {
            let mut letters = scalar.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            let kind: String = first.into_iter().chain(letters).collect();
            format!("Shape::new({name:?}, Kind::{kind})")
        }
    })
}

/// A raw string literal, so that a pattern reads as it does in the model.
fn raw(text: &str) -> String {
    let mut hashes = String::new();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}
