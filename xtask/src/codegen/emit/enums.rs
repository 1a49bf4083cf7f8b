//! Writes `enums.rs`: each enum with its table.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::plan::{Plan, is_enum};
use crate::codegen::names;

pub fn write(plan: &Plan<'_>) -> String {
    let mut out = String::from("use crate::enumeration;\nuse crate::schema::Shape;\n");
    for (name, shape) in plan.model.shapes.0.iter().filter(|(_, shape)| is_enum(shape)) {
        let (Ok(rust), Ok(table)) = (plan.rust(name), plan.table(name)) else { continue };
        let mut taken = BTreeSet::new();
        let sensitive = if shape.sensitive { ".sensitive()" } else { "" };
        out.push_str("\nenumeration! {\n");
        // Writing to a `String` does not fail.
        let _ = writeln!(out, "    {rust}:");
        for value in &shape.values {
            let variant = names::unique(names::variant(value), &mut taken);
            let _ = writeln!(out, "    {variant} {value:?},");
        }
        let _ = writeln!(
            out,
            "}}\npub(crate) static {table}: Shape = \
             Shape::enumeration({name:?}, {rust}::VALUES){sensitive};"
        );
    }
    out
}
