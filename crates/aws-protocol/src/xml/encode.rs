//! Writes a structure's members as elements.
//!
//! AWS: lists are wrapped (`<Tags><member>…`) unless flattened; map entries are `<entry><key/><value/></entry>`;
//! an empty list is its empty wrapper, and nothing at all when flattened.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_aws_api::schema::{Kind, MapShape, Member, Shape, TimestampFormat};
use berth_aws_api::{Structure, View};

use super::Writer;
use crate::{instant, json};

pub(crate) fn members(out: &mut Writer, value: &dyn Structure) {
    members_except(out, value, "");
}

/// All but the member of one name, in whichever case.
pub(crate) fn members_except(out: &mut Writer, value: &dyn Structure, left_out: &str) {
    for (index, member) in value.shape().members().iter().enumerate() {
        if member.xml_attribute || member.wire_name().eq_ignore_ascii_case(left_out) {
            continue;
        }
        if let Some(found) = value.get(index) {
            one_member(out, member, found);
        }
    }
}

/// A flattened list whose entries have a name goes by that name.
pub(crate) fn element_name(member: &Member) -> &'static str {
    match &member.shape.kind {
        Kind::List(kind) if member.flattened => kind.member_name.unwrap_or(member.wire_name()),
        _ => member.wire_name(),
    }
}

pub(crate) fn map_names(kind: &MapShape) -> (&'static str, &'static str) {
    (kind.key_name.unwrap_or("key"), kind.value_name.unwrap_or("value"))
}

fn one_member(out: &mut Writer, member: &Member, value: View<'_>) {
    let name = element_name(member);
    match (value, &member.shape.kind) {
        (View::List(list), Kind::List(kind)) if member.flattened => {
            for index in 0..list.len() {
                element(out, name, kind.member, None, list.get(index));
            }
        }
        (View::Map(map), Kind::Map(kind)) if member.flattened => {
            for (key, value) in map.entries() {
                entry(out, name, kind, key, value);
            }
        }
        _ => element(out, name, member.shape, member.timestamp_format, value),
    }
}

fn element(
    out: &mut Writer,
    name: &str,
    shape: &'static Shape,
    format: Option<TimestampFormat>,
    value: View<'_>,
) {
    match value {
        View::Structure(inner) => open_structure(out, name, inner),
        _ => out.open(name),
    }
    match (value, &shape.kind) {
        (View::Structure(inner), _) => members(out, inner),
        (View::List(list), Kind::List(kind)) => {
            for index in 0..list.len() {
                element(
                    out,
                    kind.member_name.unwrap_or("member"),
                    kind.member,
                    None,
                    list.get(index),
                );
            }
        }
        (View::Map(map), Kind::Map(kind)) => {
            for (key, value) in map.entries() {
                entry(out, "entry", kind, key, value);
            }
        }
        (value, _) => out.text(&scalar(value, format.or(shape.timestamp_format))),
    }
    out.close(name);
}

fn open_structure(out: &mut Writer, name: &str, value: &dyn Structure) {
    let mut attributes = Vec::new();
    for (index, member) in value.shape().members().iter().enumerate() {
        if let (true, Some(found)) = (member.xml_attribute, value.get(index)) {
            attributes.push((member.wire_name(), scalar(found, member.timestamp_format())));
        }
    }
    let attributes: Vec<(&str, &str)> =
        attributes.iter().map(|(name, value)| (*name, value.as_str())).collect();
    out.open_with(name, &attributes);
}

fn entry(out: &mut Writer, name: &str, kind: &MapShape, key: &str, value: View<'_>) {
    let (key_name, value_name) = map_names(kind);
    out.open(name);
    out.leaf(key_name, key);
    element(out, value_name, kind.value, None, value);
    out.close(name);
}

/// A value without parts, as text in elements and forms. Instants are ISO 8601 unless the model says otherwise.
pub(crate) fn scalar(value: View<'_>, format: Option<TimestampFormat>) -> String {
    match value {
        View::Boolean(value) => value.to_string(),
        View::Integer(value) => value.to_string(),
        View::Long(value) => value.to_string(),
        View::Float(value) if value.is_finite() => ryu::Buffer::new().format(value).to_owned(),
        View::Float(value) => not_finite(value.into()),
        View::Double(value) if value.is_finite() => ryu::Buffer::new().format(value).to_owned(),
        View::Double(value) => not_finite(value),
        View::String(value) | View::Enum(value) => value.to_owned(),
        View::Blob(value) => STANDARD.encode(value),
        View::Timestamp(value) => {
            let mut text = String::new();
            instant::write(&mut text, value, format.unwrap_or(TimestampFormat::Iso8601));
            text
        }
        View::Document(value) => {
            let mut text = String::new();
            json::encode::document(&mut text, value);
            text
        }
        View::List(_) | View::Map(_) | View::Structure(_) => {
            unreachable!("only called for values without parts")
        }
    }
}

fn not_finite(value: f64) -> String {
    let text = match value {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => "NaN",
    };
    text.to_owned()
}
