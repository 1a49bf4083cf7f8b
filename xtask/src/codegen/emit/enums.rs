//! Writes `enums.rs`: each enum with its table.

use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::Result;

use super::plan::{Plan, is_enum};
use crate::codegen::names;

pub fn write(plan: &Plan<'_>) -> Result<String> {
    let mut out = String::from("use crate::enumeration;\nuse crate::schema::Shape;\n");
    for (name, shape) in plan.model.shapes.0.iter().filter(|(_, shape)| is_enum(shape)) {
        let (rust, table) = (plan.rust(name)?, plan.table(name)?);
        let mut taken = BTreeSet::new();
        let sensitive = if shape.sensitive { ".sensitive()" } else { "" };
        writeln!(out, "\nenumeration! {{\n    {rust}:")?;
        for value in &shape.values {
            let variant = names::unique(names::variant(value), &mut taken);
            writeln!(out, "    {variant} {value:?},")?;
        }
        writeln!(
            out,
            "}}\npub(crate) static {table}: Shape = \
             Shape::enumeration({name:?}, {rust}::VALUES){sensitive};"
        )?;
    }
    Ok(out)
}
