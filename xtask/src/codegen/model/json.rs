//! How a model is laid out in `models/`: one line for each thing that changes by itself.

use anyhow::{Context, Result};
use serde::Serialize;

use super::{Model, Ordered, Shape};

pub fn render(model: &Model) -> Result<String> {
    let mut out = String::from("{\n\"metadata\":");
    out.push_str(&serde_json::to_string(&model.metadata)?);
    out.push_str(",\n\"operations\":{\n");
    lines(&mut out, &model.operations, |operation| Ok(serde_json::to_string(operation)?))?;
    out.push_str("},\n\"shapes\":{\n");
    lines(&mut out, &model.shapes, shape)?;
    out.push_str("}\n}\n");
    Ok(out)
}

fn shape(shape: &Shape) -> Result<String> {
    let members = &shape.members;
    if members.is_empty() {
        return Ok(serde_json::to_string(shape)?);
    }
    let rest = serde_json::to_string(&Shape { members: Ordered::default(), ..shape.clone() })?;
    let open = rest.strip_suffix('}').context("a shape is an object")?;
    let mut out = open.to_owned();
    out.push_str(",\"members\":{\n");
    lines(&mut out, members, |member| Ok(serde_json::to_string(member)?))?;
    out.push_str("}}");
    Ok(out)
}

fn lines<T: Serialize>(
    out: &mut String,
    entries: &Ordered<T>,
    render: impl Fn(&T) -> Result<String>,
) -> Result<()> {
    for (at, (name, value)) in entries.0.iter().enumerate() {
        out.push_str(&serde_json::to_string(name)?);
        out.push(':');
        out.push_str(&render(value)?);
        out.push_str(if at + 1 < entries.0.len() { ",\n" } else { "\n" });
    }
    Ok(())
}
