//! Writes a value as JSON text. What is absent is left out; what is empty is written.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_aws_api::schema::{Kind, Location, Member, Shape, TimestampFormat};
use berth_aws_api::{Document, Structure, View};

use crate::instant;

/// A whole structure.
pub(crate) fn encode(out: &mut String, value: &dyn Structure) {
    out.push('{');
    members(out, value, &mut true, |_| true);
    out.push('}');
}

/// An object of the members that have no other place in an HTTP message.
pub(crate) fn encode_body_members(out: &mut String, value: &dyn Structure) {
    out.push('{');
    members(out, value, &mut true, |member| member.location == Location::Body);
    out.push('}');
}

/// One value of any shape.
pub(crate) fn encode_value(out: &mut String, shape: &'static Shape, value: View<'_>) {
    view(out, shape, shape.timestamp_format, value);
}

pub(crate) fn key(out: &mut String, first: &mut bool, name: &str) {
    if !std::mem::replace(first, false) {
        out.push(',');
    }
    string(out, name);
    out.push(':');
}

pub(crate) fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1F => "",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        if escape.is_empty() {
            out.push_str(&format!("\\u{byte:04x}"));
        } else {
            out.push_str(escape);
        }
        plain = at + 1;
    }
    out.push_str(&text[plain..]);
    out.push('"');
}

/// Keys and values of an object. `first` says whether the object is still empty.
pub(crate) fn members(
    out: &mut String,
    value: &dyn Structure,
    first: &mut bool,
    wanted: impl Fn(&Member) -> bool,
) {
    for (index, member) in value.shape().members().iter().enumerate() {
        if !wanted(member) {
            continue;
        }
        if let Some(found) = value.get(index) {
            key(out, first, member.wire_name());
            view(out, member.shape, member.timestamp_format(), found);
        }
    }
}

fn view(out: &mut String, shape: &'static Shape, format: Option<TimestampFormat>, value: View<'_>) {
    match (value, &shape.kind) {
        (View::Boolean(value), _) => out.push_str(if value { "true" } else { "false" }),
        (View::Integer(value), _) => out.push_str(itoa::Buffer::new().format(value)),
        (View::Long(value), _) => out.push_str(itoa::Buffer::new().format(value)),
        (View::Float(value), _) if value.is_finite() => {
            out.push_str(ryu::Buffer::new().format(value))
        }
        (View::Float(value), _) => not_finite(out, value.into()),
        (View::Double(value), _) => double(out, value),
        (View::String(value) | View::Enum(value), _) => string(out, value),
        (View::Blob(value), _) => {
            out.push('"');
            STANDARD.encode_string(value, out);
            out.push('"');
        }
        (View::Timestamp(value), _) => match format {
            None | Some(TimestampFormat::UnixTimestamp) => instant::write_seconds(out, value),
            Some(format) => {
                out.push('"');
                instant::write(out, value, format);
                out.push('"');
            }
        },
        (View::Document(value), _) => document(out, value),
        (View::Structure(value), _) => {
            out.push('{');
            members(out, value, &mut true, |_| true);
            out.push('}');
        }
        (View::List(list), Kind::List(kind)) => {
            out.push('[');
            for index in 0..list.len() {
                if index > 0 {
                    out.push(',');
                }
                view(out, kind.member, kind.member.timestamp_format, list.get(index));
            }
            out.push(']');
        }
        (View::Map(map), Kind::Map(kind)) => {
            out.push('{');
            let mut first = true;
            for (name, value) in map.entries() {
                key(out, &mut first, name);
                view(out, kind.value, kind.value.timestamp_format, value);
            }
            out.push('}');
        }
        (View::List(_) | View::Map(_), _) => {
            unreachable!("a generated type has the kind of its shape: {}", shape.name)
        }
    }
}

fn double(out: &mut String, value: f64) {
    if value.is_finite() {
        out.push_str(ryu::Buffer::new().format(value));
    } else {
        not_finite(out, value);
    }
}

fn not_finite(out: &mut String, value: f64) {
    out.push_str(match value {
        f64::INFINITY => "\"Infinity\"",
        f64::NEG_INFINITY => "\"-Infinity\"",
        _ => "\"NaN\"",
    });
}

pub(crate) fn document(out: &mut String, value: &Document) {
    match value {
        Document::Null => out.push_str("null"),
        Document::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Document::Integer(value) => out.push_str(itoa::Buffer::new().format(*value)),
        Document::Double(value) => double(out, *value),
        Document::String(value) => string(out, value),
        Document::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                document(out, item);
            }
            out.push(']');
        }
        Document::Map(entries) => {
            out.push('{');
            let mut first = true;
            for (name, item) in entries {
                key(out, &mut first, name);
                document(out, item);
            }
            out.push('}');
        }
    }
}
