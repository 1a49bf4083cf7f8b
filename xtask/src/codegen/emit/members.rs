//! Writes the traits that shapes and members have, as calls on the tables' builders.

use std::fmt::Write;

use anyhow::{Context, Result, bail, ensure};
use regex::Regex;
use serde_json::Number;

use super::plan::Plan;
use crate::codegen::model::{Shape, ShapeRef, XmlNamespace};

/// The constraints and other traits of a shape: `.at_least(1).at_most(128)`.
pub fn shape_traits(plan: &Plan<'_>, name: &str, shape: &Shape) -> Result<String> {
    let mut out = String::new();
    let of_any_length = plan.config.unchecked_lengths.iter().any(|unchecked| unchecked == name);
    if let Some(min) = shape.min.as_ref().filter(|_| !of_any_length) {
        write!(out, ".at_least({})", whole(name, min)?)?;
    }
    if let Some(max) = shape.max.as_ref().filter(|_| !of_any_length) {
        write!(out, ".at_most({})", whole(name, max)?)?;
    }
    if let Some(pattern) = checked_pattern(plan, name, shape) {
        // The whole is what the validator will compile.
        Regex::new(&format!(r"\A(?:{pattern})\z"))
            .with_context(|| format!("{name} has a pattern that Rust cannot compile"))?;
        write!(out, ".matching(&{}_PATTERN)", plan.table(name)?)?;
    }
    if let Some(format) = &shape.timestamp_format {
        write!(out, ".formatted({})", timestamp_format(format)?)?;
    }
    if shape.sensitive {
        out.push_str(".sensitive()");
    }
    if let Some(xml_name) = &shape.location_name {
        write!(out, ".xml_named({xml_name:?})")?;
    }
    if let Some(namespace) = &shape.xml_namespace {
        out.push_str(&in_namespace(namespace)?);
    }
    Ok(out)
}

/// The pattern that the validator is to check.
pub fn checked_pattern<'a>(plan: &Plan<'_>, name: &str, shape: &'a Shape) -> Option<&'a str> {
    let unchecked = plan.config.unchecked_patterns.iter().any(|unchecked| unchecked == name);
    shape.pattern.as_deref().filter(|_| !unchecked)
}

/// One line of a structure's table.
pub fn member(plan: &Plan<'_>, owner: &Shape, name: &str, member: &ShapeRef) -> Result<String> {
    let shape = plan.shape(&member.shape)?;
    let mut out = format!("Member::new({name:?}, &{})", plan.table(&member.shape)?);
    if owner.required.iter().any(|required| required == name) {
        out.push_str(".required()");
    }
    let location = match member.location.as_deref() {
        _ if owner.payload.as_deref() == Some(name) => Some("Payload"),
        None => None,
        Some("header") => Some("Header"),
        Some("headers") => Some("Headers"),
        Some("uri") => Some("Uri"),
        Some("querystring") => Some("QueryString"),
        Some("statusCode") => Some("StatusCode"),
        Some(other) => bail!("{name} has a location that is not supported: {other}"),
    };
    if let Some(location) = location {
        write!(out, ".at(Location::{location})")?;
    }
    if let Some(wire_name) = &member.location_name {
        write!(out, ".named({wire_name:?})")?;
    }
    if let Some(query_name) = &member.query_name {
        write!(out, ".query_named({query_name:?})")?;
    }
    if let Some(format) = &member.timestamp_format {
        write!(out, ".formatted({})", timestamp_format(format)?)?;
    }
    if let Some(namespace) = &member.xml_namespace {
        out.push_str(&in_namespace(namespace)?);
    }
    for (present, call) in [
        (member.flattened || shape.flattened, ".flattened()"),
        (member.xml_attribute, ".xml_attribute()"),
        (member.idempotency_token, ".idempotency_token()"),
        (member.streaming || shape.streaming, ".streaming()"),
    ] {
        if present {
            out.push_str(call);
        }
    }
    Ok(out)
}

pub fn in_namespace(namespace: &XmlNamespace) -> Result<String> {
    let XmlNamespace { uri, prefix } = namespace;
    ensure!(!uri.is_empty(), "an XML namespace without a URI");
    Ok(format!(".in_namespace({uri:?}, {prefix:?})"))
}

fn timestamp_format(format: &str) -> Result<&'static str> {
    Ok(match format {
        "iso8601" => "TimestampFormat::Iso8601",
        "rfc822" => "TimestampFormat::Rfc822",
        "unixTimestamp" => "TimestampFormat::UnixTimestamp",
        other => bail!("a timestamp format that is not supported: {other}"),
    })
}

/// Bounds of reals are written with a fraction, which so far is always zero.
fn whole(name: &str, number: &Number) -> Result<i64> {
    if let Some(whole) = number.as_i64() {
        return Ok(whole);
    }
    let real = number.as_f64().with_context(|| format!("{name} has a bound that is no number"))?;
    let fits = real.fract() == 0.0 && real.abs() < (1_i64 << 53) as f64;
    ensure!(fits, "{name} has a bound that is no whole number: {real}");
    Ok(real as i64)
}
