//! Spreads a structure over the parts of an HTTP message.

use berth_aws_api::schema::{Location, Member, TimestampFormat};
use berth_aws_api::{Structure, View};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::utf8_percent_encode;

use crate::EncodeError;
use crate::json::encode::{encode_body_members, encode_value};
use crate::sigv4::canonical::RESERVED;
use crate::xml::encode::scalar;

/// The text of the label of one name.
pub(super) fn label(value: &dyn Structure, name: &str) -> Option<String> {
    let mut found = at(value, Location::Uri).filter(|(member, _)| member.wire_name() == name);
    found.next().map(|(member, view)| scalar(view, member.timestamp_format()))
}

/// Appends the members that are parameters to an address.
pub(super) fn query(address: &mut String, value: &dyn Structure) {
    let mut add = |name: &str, text: &str| {
        address.push(if address.contains('?') { '&' } else { '?' });
        address.extend(utf8_percent_encode(name, RESERVED));
        address.push('=');
        address.extend(utf8_percent_encode(text, RESERVED));
    };
    for (member, view) in at(value, Location::QueryString) {
        let format = member.timestamp_format();
        match view {
            View::List(list) => {
                (0..list.len())
                    .for_each(|index| add(member.wire_name(), &scalar(list.get(index), format)));
            }
            View::Map(map) => {
                for (name, value) in map.entries() {
                    match value {
                        View::List(list) => {
                            (0..list.len())
                                .for_each(|index| add(name, &scalar(list.get(index), format)));
                        }
                        single => add(name, &scalar(single, format)),
                    }
                }
            }
            single => add(member.wire_name(), &scalar(single, format)),
        }
    }
}

/// AWS: an empty list is no header at all.
pub(super) fn headers(out: &mut HeaderMap, value: &dyn Structure) -> Result<(), EncodeError> {
    for (member, view) in at(value, Location::Header) {
        let format = member.timestamp_format().unwrap_or(TimestampFormat::Rfc822);
        let text = match view {
            View::List(list) if list.is_empty() => continue,
            View::List(list) => {
                let entries: Vec<String> =
                    (0..list.len()).map(|index| quoted(list.get(index), format)).collect();
                entries.join(", ")
            }
            single => scalar(single, Some(format)),
        };
        insert(out, member, member.wire_name(), &text)?;
    }
    for (member, view) in at(value, Location::Headers) {
        let View::Map(map) = view else { continue };
        for (name, value) in map.entries() {
            let name = format!("{}{name}", member.location_name.unwrap_or_default());
            insert(out, member, &name, &scalar(value, None))?;
        }
    }
    Ok(())
}

/// The body and its type; nothing when no member belongs into it.
pub(super) fn body(value: &dyn Structure) -> (Bytes, Option<&'static str>) {
    if let Some((member, view)) = at(value, Location::Payload).next() {
        return match view {
            View::Blob(bytes) => (bytes.clone(), Some("application/octet-stream")),
            View::String(text) | View::Enum(text) => {
                (Bytes::from(text.to_owned()), Some("text/plain"))
            }
            view => {
                let mut out = String::new();
                encode_value(&mut out, member.shape, view);
                (out.into(), Some("application/json"))
            }
        };
    }
    let members = value.shape().members();
    let belongs = |location| members.iter().any(|member| member.location == location);
    if belongs(Location::Payload) || !belongs(Location::Body) {
        return (Bytes::new(), None);
    }
    let mut out = String::new();
    encode_body_members(&mut out, value);
    (out.into(), Some("application/json"))
}

/// The status that the output itself chooses.
pub(super) fn status(value: &dyn Structure) -> Option<u16> {
    match at(value, Location::StatusCode).next()? {
        (_, View::Integer(status)) => u16::try_from(status).ok(),
        _ => None,
    }
}

fn at(
    value: &dyn Structure,
    location: Location,
) -> impl Iterator<Item = (&'static Member, View<'_>)> {
    let members = value.shape().members().iter().enumerate();
    members
        .filter(move |(_, member)| member.location == location)
        .filter_map(move |(index, member)| Some((member, value.get(index)?)))
}

fn quoted(value: View<'_>, format: TimestampFormat) -> String {
    let is_text = matches!(value, View::String(_) | View::Enum(_));
    let text = scalar(value, Some(format));
    if is_text && text.contains(['"', ',']) {
        return format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    }
    text
}

fn insert(out: &mut HeaderMap, member: &Member, name: &str, text: &str) -> Result<(), EncodeError> {
    let wrong = EncodeError::Header(member.name);
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong.clone())?;
    out.insert(name, HeaderValue::from_str(text).map_err(|_| wrong)?);
    Ok(())
}
