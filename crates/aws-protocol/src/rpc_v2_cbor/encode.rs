//! Writes a value as CBOR. Maps and lists say their length beforehand.

use std::convert::Infallible;

use berth_aws_api::schema::{Kind, Shape};
use berth_aws_api::{Document, Structure, View};
use minicbor::Encoder;
use minicbor::data::Tag;

type Written = Result<(), minicbor::encode::Error<Infallible>>;
type Out<'a> = Encoder<&'a mut Vec<u8>>;

const EPOCH_SECONDS: Tag = Tag::new(1);

/// A whole structure.
pub(crate) fn encode(value: &dyn Structure) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    infallible(structure(&mut Encoder::new(&mut bytes), value));
    bytes
}

/// An error's map: its type, its message unless the shape holds one, and its members.
pub(crate) fn encode_error(
    code: &str,
    message: Option<&str>,
    body: Option<&dyn Structure>,
) -> Vec<u8> {
    let has_message = body.is_some_and(|body| {
        let mut members = body.shape().members().iter().enumerate();
        members.any(|(at, member)| {
            member.name.eq_ignore_ascii_case("message") && body.get(at).is_some()
        })
    });
    let message = message.filter(|_| !has_message);
    let mut bytes = Vec::with_capacity(128);
    let mut out = Encoder::new(&mut bytes);
    let length = 1 + u64::from(message.is_some()) + body.map_or(0, present);
    infallible(error(&mut out, length, code, message, body));
    bytes
}

fn error(
    out: &mut Out<'_>,
    length: u64,
    code: &str,
    message: Option<&str>,
    body: Option<&dyn Structure>,
) -> Written {
    out.map(length)?.str("__type")?.str(code)?;
    if let Some(message) = message {
        out.str("message")?.str(message)?;
    }
    body.map_or(Ok(()), |body| members(out, body))
}

/// How many members will be written.
fn present(value: &dyn Structure) -> u64 {
    (0..value.shape().members().len()).filter(|at| value.get(*at).is_some()).count() as u64
}

fn structure(out: &mut Out<'_>, value: &dyn Structure) -> Written {
    out.map(present(value))?;
    members(out, value)
}

fn members(out: &mut Out<'_>, value: &dyn Structure) -> Written {
    for (index, member) in value.shape().members().iter().enumerate() {
        if let Some(found) = value.get(index) {
            out.str(member.wire_name())?;
            view(out, member.shape, found)?;
        }
    }
    Ok(())
}

fn view(out: &mut Out<'_>, shape: &'static Shape, value: View<'_>) -> Written {
    match (value, &shape.kind) {
        (View::Boolean(value), _) => out.bool(value)?.ok(),
        (View::Integer(value), _) => out.i32(value)?.ok(),
        (View::Long(value), _) => out.i64(value)?.ok(),
        (View::Float(value), _) => out.f32(value)?.ok(),
        (View::Double(value), _) => out.f64(value)?.ok(),
        (View::String(value) | View::Enum(value), _) => out.str(value)?.ok(),
        (View::Blob(value), _) => out.bytes(value)?.ok(),
        (View::Timestamp(value), _) => out.tag(EPOCH_SECONDS)?.f64(value.as_secs_f64())?.ok(),
        (View::Document(value), _) => document(out, value),
        (View::Structure(value), _) => structure(out, value),
        (View::List(list), Kind::List(kind)) => {
            out.array(list.len() as u64)?;
            (0..list.len()).try_for_each(|index| view(out, kind.member, list.get(index)))
        }
        (View::Map(map), Kind::Map(kind)) => {
            out.map(map.len() as u64)?;
            map.entries().try_for_each(|(key, value)| {
                out.str(key)?;
                view(out, kind.value, value)
            })
        }
        (View::List(_) | View::Map(_), _) => {
            unreachable!("a generated type has the kind of its shape: {}", shape.name)
        }
    }
}

fn document(out: &mut Out<'_>, value: &Document) -> Written {
    match value {
        Document::Null => out.null()?.ok(),
        Document::Boolean(value) => out.bool(*value)?.ok(),
        Document::Integer(value) => out.i64(*value)?.ok(),
        Document::Double(value) => out.f64(*value)?.ok(),
        Document::String(value) => out.str(value)?.ok(),
        Document::List(items) => {
            out.array(items.len() as u64)?;
            items.iter().try_for_each(|item| document(out, item))
        }
        Document::Map(entries) => {
            out.map(entries.len() as u64)?;
            entries.iter().try_for_each(|(key, item)| {
                out.str(key)?;
                document(out, item)
            })
        }
    }
}

fn infallible(written: Written) {
    written.expect("writing to a Vec cannot fail");
}
