//! Writes `errors.rs`: each error's body, its table, and the service's `Error` enum.

use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::Result;

use super::plan::Plan;
use super::structures::{IMPORTS, message_field, one};
use crate::codegen::config::Service;
use crate::codegen::model::{Model, Ordered, Shape, ShapeRef};
use crate::codegen::names;

/// Adds the errors that the service answers and its model leaves out, and messages of errors that have none there, as if
/// the model had them.
pub fn declare_further(config: &Service, model: &mut Model) {
    if config.further_errors.is_empty() && !config.error_messages {
        return;
    }
    let text = "FurtherErrorMessage";
    let message = || ("message".to_owned(), ShapeRef::to(text));
    if config.error_messages {
        let errors = model.shapes.0.iter_mut().filter(|(_, shape)| shape.exception);
        let is_message = |(name, _): &(String, ShapeRef)| name.eq_ignore_ascii_case("message");
        for (_, shape) in errors.filter(|(_, shape)| !shape.members.0.iter().any(is_message)) {
            shape.members.0.push(message());
        }
    }
    model.shapes.0.push((text.to_owned(), Shape::string()));
    for code in &config.further_errors {
        model.shapes.0.push((code.clone(), Shape::exception(Ordered(vec![message()]))));
        for (_, operation) in &mut model.operations.0 {
            operation.errors.push(ShapeRef::to(code));
        }
    }
}

pub fn write(plan: &Plan<'_>) -> Result<String> {
    let mut out =
        format!("use super::*;\n{IMPORTS}\nuse crate::{{ErrorSchema, Fault, service_error}};\n");
    let mut arms = String::new();
    let mut invalid = None;
    let mut constructors = BTreeSet::new();
    for (name, shape) in plan.structures().filter(|(_, shape)| shape.exception) {
        out.push_str(&one(plan, name, shape)?);
        let table = plan.table(name)?;
        let rust = plan.rust(name)?;
        let declared = shape.error.clone().unwrap_or_default();
        let fault = if shape.fault { "Server" } else { "Client" };
        let status = declared.http_status_code.unwrap_or(if shape.fault { 500 } else { 400 });
        let query_code = declared.code.as_deref().unwrap_or(name);
        writeln!(
            out,
            "pub(crate) static {table}_ERROR: ErrorSchema = ErrorSchema {{ shape: &{table}, \
             query_code: {query_code:?}, status: {status}, fault: Fault::{fault} }};"
        )?;
        let constructor = names::unique(constructor(rust), &mut constructors);
        let message = message_field(shape, plan)?.unwrap_or_default();
        writeln!(arms, "    {rust} {constructor} {table}_ERROR [{message}];")?;
        if name == plan.config.validation_error && !message.is_empty() {
            invalid = Some(constructor);
        }
    }
    let modelled = invalid.map(|constructor| format!(" as {constructor}")).unwrap_or_default();
    writeln!(
        out,
        "\nservice_error! {{\n    validation {:?}{modelled};\n{arms}}}",
        plan.config.validation_error
    )?;
    Ok(out)
}

/// `ClusterNotFoundException` → `cluster_not_found`.
fn constructor(rust: &str) -> String {
    let bare = ["Exception", "Fault", "Error"].iter().find_map(|suffix| rust.strip_suffix(suffix));
    names::field(bare.filter(|bare| !bare.is_empty()).unwrap_or(rust))
}
