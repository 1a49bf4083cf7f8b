//! Reads values without parts from plain text: elements, form fields, headers, labels, query parameters.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_aws_api::schema::prelude::DOCUMENT;
use berth_aws_api::{Path, Target};

use crate::{DecodeError, instant, json};

/// Fills a scalar from text. A target with parts is refused.
pub(crate) fn decode(text: &str, target: Target<'_>, path: &Path<'_>) -> Result<(), DecodeError> {
    let trimmed = text.trim();
    let (fits, wanted) = match target {
        Target::String(into) => (set(into, Some(text.to_owned())), "a String"),
        Target::Enum(into) => {
            into.set(text);
            (true, "a String")
        }
        Target::Boolean(into) => (set(into, boolean(trimmed)), "a Boolean"),
        Target::Integer(into) => (set(into, trimmed.parse().ok()), "an Integer"),
        Target::Long(into) => (set(into, trimmed.parse().ok()), "a Long"),
        Target::Float(into) => (set(into, float(trimmed).map(|number| number as f32)), "a Float"),
        Target::Double(into) => (set(into, float(trimmed)), "a Double"),
        Target::Timestamp(into) => (set(into, instant::parse(trimmed)), "a Timestamp"),
        Target::Blob(into) => {
            (set(into, STANDARD.decode(trimmed).ok().map(Into::into)), "a Blob (base64)")
        }
        document @ Target::Document(_) => (
            json::decode::decode_value(text.as_bytes(), &DOCUMENT, document).is_ok(),
            "a Document (JSON)",
        ),
        Target::List(_) => (false, "a List"),
        Target::Map(_) => (false, "a Map"),
        Target::Structure(_) => (false, "a Structure"),
    };
    if fits {
        return Ok(());
    }
    let shown = shortened(text);
    Err(DecodeError::new(format!("{shown:?} can not be converted to {wanted}")).inside(path))
}

fn set<T>(into: &mut T, value: Option<T>) -> bool {
    let fits = value.is_some();
    if let Some(value) = value {
        *into = value;
    }
    fits
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn float(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => text.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

/// Enough of a text to recognise it in a message.
fn shortened(text: &str) -> &str {
    let end = text.char_indices().nth(64).map_or(text.len(), |(at, _)| at);
    &text[..end]
}
