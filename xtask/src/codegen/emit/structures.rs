//! Writes structures and unions: the struct, its table, and the line that ties them. One file per first letter.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::Result;

use super::members::{member, shape_traits};
use super::plan::Plan;
use crate::codegen::model::Shape;
use crate::codegen::names;

pub const IMPORTS: &str = "\
use std::collections::BTreeMap;

use berth_model::Timestamp;
use bytes::Bytes;

use crate::schema::prelude::*;
use crate::schema::{Location, Member, Shape, TimestampFormat};
use crate::{Document, structure};
";

/// File bodies by the letter that their structures begin with.
pub fn write(plan: &Plan<'_>) -> Result<BTreeMap<char, String>> {
    let mut files: BTreeMap<char, String> = BTreeMap::new();
    for (name, shape) in plan.structures().filter(|(_, shape)| !shape.exception) {
        let letter =
            plan.rust(name)?.chars().next().map_or('_', |letter| letter.to_ascii_lowercase());
        let file =
            files.entry(letter).or_insert_with(|| format!("use super::super::*;\n{IMPORTS}"));
        file.push_str(&one(plan, name, shape)?);
    }
    Ok(files)
}

/// One struct with all that belongs to it.
pub fn one(plan: &Plan<'_>, name: &str, shape: &Shape) -> Result<String> {
    let rust = plan.rust(name)?;
    let table = plan.table(name)?;
    let mut taken = BTreeSet::new();
    let (mut fields, mut members, mut tie) = (String::new(), String::new(), String::new());
    for (index, (member_name, used)) in shape.members.0.iter().enumerate() {
        let field = names::unique(names::field(member_name), &mut taken);
        let value = plan.rust(&used.shape)?;
        if plan.contains_itself(name, &used.shape) {
            writeln!(fields, "    pub {field}: Option<Box<{value}>>,")?;
        } else {
            writeln!(fields, "    pub {field}: Option<{value}>,")?;
        }
        writeln!(members, "    {},", member(plan, shape, member_name, used)?)?;
        write!(tie, "{}{index} {field}", if index == 0 { "" } else { ", " })?;
    }
    let make = if shape.union { "union" } else { "structure" };
    let traits = shape_traits(plan, name, shape)?;
    Ok(format!(
        "\n#[derive(Clone, Default, PartialEq)]\n\
         pub struct {rust} {{\n{fields}}}\n\
         pub(crate) static {table}: Shape = Shape::{make}({name:?}, &[\n{members}]){traits};\n\
         structure!({rust}: {table} [{tie}]);\n"
    ))
}

/// The field that holds an error's message, in the spelling of the struct above.
pub fn message_field(shape: &Shape, plan: &Plan<'_>) -> Result<Option<String>> {
    for (name, used) in &shape.members.0 {
        if name.eq_ignore_ascii_case("message") && plan.rust(&used.shape)? == "String" {
            return Ok(Some(names::field(name)));
        }
    }
    Ok(None)
}
