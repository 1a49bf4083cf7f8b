//! What the new files hold.

use crate::codegen::model::{Model, Operation, ShapeRef};
use crate::codegen::names;

/// The operation's file: its input taken apart, its errors named, its body missing.
pub fn source(service: &str, operation: &str, modelled: &Operation, model: &Model) -> String {
    let file = names::field(operation);
    let input = type_of(modelled.input.as_ref(), operation, "Request");
    let output = type_of(modelled.output.as_ref(), operation, "Response");
    let context = names::type_name(service);
    let fields: Vec<String> = members(modelled.input.as_ref(), model).map(names::field).collect();
    let errors: Vec<&str> = modelled.errors.iter().map(|error| error.shape.as_str()).collect();
    let fields = fields.join(", ");
    let errors = errors.join(", ");
    format!(
        "\
//! {operation}: say here what is particular about it.

use std::sync::Arc;

use berth_aws_api::{service} as api;
use berth_control::pipeline::{{Call, Failure}};

use crate::service::{context};

pub async fn {file}(
    {service}: Arc<{context}>,
    call: Call,
    input: api::{input},
) -> Result<api::{output}, Failure<api::Error>> {{
    // Each field is done, or refused by name.
    let api::{input} {{ {fields} }} = input;
    compile_error!(\"{operation} is not written yet; its errors: {errors}\");
}}
"
    )
}

/// One request with every field that is required, for `UPDATE_GOLDEN=1` to answer.
pub fn golden(operation: &str, modelled: &Operation, model: &Model) -> String {
    let shape = modelled.input.as_ref().and_then(|input| model.shapes.get(&input.shape));
    let required = shape.map(|shape| shape.required.as_slice()).unwrap_or_default();
    let fields: Vec<String> = required.iter().map(|field| format!("\"{field}\": null")).collect();
    let fields = fields.join(", ");
    format!("# {operation}: say here what this file shows.\n\n### {operation}\n{{{fields}}}\n")
}

fn members<'a>(input: Option<&ShapeRef>, model: &'a Model) -> impl Iterator<Item = &'a str> {
    let shape = input.and_then(|input| model.shapes.get(&input.shape));
    shape.into_iter().flat_map(|shape| shape.members.0.iter().map(|(name, _)| name.as_str()))
}

/// An operation without input or output still has a type for it, named after the operation.
fn type_of(shape: Option<&ShapeRef>, operation: &str, suffix: &str) -> String {
    shape.map_or_else(|| format!("{operation}{suffix}"), |shape| names::type_name(&shape.shape))
}
