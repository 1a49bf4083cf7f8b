//! Fills a value from JSON text: one recursive function over (shape, target).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_aws_api::schema::{Kind, Location, Member, Shape};
use berth_aws_api::{Document, Path, Structure, Target};

use super::reader::{Reader, Token};
use crate::{DecodeError, instant};

/// Fills a structure from a whole text; an empty text is an empty object.
pub(crate) fn decode(text: &[u8], into: &mut dyn Structure) -> Result<(), DecodeError> {
    decode_members(text, into, |_| true)
}

/// As [`decode`], for the members that have no other place in an HTTP message.
pub(crate) fn decode_body_members(
    text: &[u8],
    into: &mut dyn Structure,
) -> Result<(), DecodeError> {
    decode_members(text, into, |member| member.location == Location::Body)
}

/// Fills one value of any shape from a whole text.
pub(crate) fn decode_value(
    text: &[u8],
    shape: &'static Shape,
    into: Target<'_>,
) -> Result<(), DecodeError> {
    let mut reader = Reader::new(text)?;
    value(&mut reader, shape, into, &Path::ROOT, 0)?;
    reader.end()
}

fn decode_members(
    text: &[u8],
    into: &mut dyn Structure,
    wanted: impl Fn(&Member) -> bool,
) -> Result<(), DecodeError> {
    let mut reader = Reader::new(text)?;
    if reader.is_blank() {
        return Ok(());
    }
    if reader.peek()? != Token::Object {
        return Err(unfit(&mut reader, "a JSON object")?);
    }
    members(&mut reader, into, &Path::ROOT, 0, wanted)?;
    reader.end()
}

fn members(
    reader: &mut Reader<'_>,
    into: &mut dyn Structure,
    path: &Path<'_>,
    depth: usize,
    wanted: impl Fn(&Member) -> bool,
) -> Result<(), DecodeError> {
    reader.check_depth(depth).map_err(|error| error.inside(path))?;
    reader.open();
    let shape = into.shape();
    let (mut first, mut hint) = (true, 0);
    while let Some(key) = reader.key(&mut first).map_err(|error| error.inside(path))? {
        let found = shape.position(hint, |member| member.wire_name() == key && wanted(member));
        let Some(index) = found else {
            reader.skip(depth + 1).map_err(|error| error.inside(path))?;
            continue;
        };
        hint = index + 1;
        let member = &shape.members()[index];
        // A key that comes twice counts once: its last.
        into.clear(index);
        let here = path.member(member.name);
        if reader.peek().map_err(|error| error.inside(&here))? == Token::Null {
            reader.word("null").map_err(|error| error.inside(&here))?;
            continue;
        }
        value(reader, member.shape, into.open(index), &here, depth + 1)?;
    }
    Ok(())
}

fn value(
    reader: &mut Reader<'_>,
    shape: &'static Shape,
    target: Target<'_>,
    path: &Path<'_>,
    depth: usize,
) -> Result<(), DecodeError> {
    match (target, &shape.kind) {
        (Target::Structure(into), _) => match reader.peek() {
            Ok(Token::Object) => members(reader, into, path, depth, |_| true),
            Ok(_) => unfit(reader, "a Structure").and_then(Err),
            Err(error) => Err(error),
        },
        (Target::List(list), Kind::List(kind)) => {
            begin(reader, Token::Array, "a List", path, depth)?;
            let (mut first, mut index) = (true, 0);
            while reader.item(&mut first).map_err(|error| error.inside(path))? {
                value(reader, kind.member, list.push(), &path.index(index), depth + 1)?;
                index += 1;
            }
            Ok(())
        }
        (Target::Map(map), Kind::Map(kind)) => {
            begin(reader, Token::Object, "a Map", path, depth)?;
            let mut first = true;
            while let Some(key) = reader.key(&mut first).map_err(|error| error.inside(path))? {
                // AWS: a null in a map is as if the key were not there.
                if reader.peek().map_err(|error| error.inside(path))? == Token::Null {
                    reader.word("null").map_err(|error| error.inside(path))?;
                    continue;
                }
                let here = path.key(&key);
                value(reader, kind.value, map.entry(key.clone().into_owned()), &here, depth + 1)?;
            }
            Ok(())
        }
        (Target::Document(into), _) => document(reader, depth).map(|found| *into = found),
        (target, _) => scalar(reader, target),
    }
    .map_err(|error| error.inside(path))
}

fn begin(
    reader: &mut Reader<'_>,
    token: Token,
    wanted: &str,
    path: &Path<'_>,
    depth: usize,
) -> Result<(), DecodeError> {
    let begun = match reader.peek() {
        Ok(found) if found == token => reader.check_depth(depth),
        Ok(_) => unfit(reader, wanted).and_then(Err),
        Err(error) => Err(error),
    };
    begun.map_err(|error| error.inside(path))?;
    reader.open();
    Ok(())
}

fn scalar(reader: &mut Reader<'_>, target: Target<'_>) -> Result<(), DecodeError> {
    let token = reader.peek()?;
    let offset = reader.offset();
    match (target, token) {
        (Target::String(into), Token::String) => *into = reader.string()?.into_owned(),
        (Target::Enum(into), Token::String) => into.set(&reader.string()?),
        (Target::Boolean(into), Token::True) => {
            reader.word("true")?;
            *into = true;
        }
        (Target::Boolean(into), Token::False) => {
            reader.word("false")?;
            *into = false;
        }
        (Target::Integer(into), Token::Number) => {
            let whole = whole(reader.number()?, offset)?;
            *into = i32::try_from(whole).map_err(|_| beyond(whole, "an Integer", offset))?;
        }
        (Target::Long(into), Token::Number) => *into = whole(reader.number()?, offset)?,
        (Target::Float(into), Token::Number) => *into = finite(reader.number()?, offset)? as f32,
        (Target::Double(into), Token::Number) => *into = finite(reader.number()?, offset)?,
        (Target::Float(into), Token::String) => {
            *into = not_finite(&reader.string()?, offset)? as f32
        }
        (Target::Double(into), Token::String) => *into = not_finite(&reader.string()?, offset)?,
        (Target::Timestamp(into), Token::Number) => {
            *into = instant::from_seconds(finite(reader.number()?, offset)?)
                .ok_or_else(|| DecodeError::at("not a date", offset))?;
        }
        (Target::Timestamp(into), Token::String) => {
            let text = reader.string()?;
            *into = instant::parse(&text).ok_or_else(|| {
                DecodeError::at(
                    format!("{text:?} is not a date: send seconds since 1970 as a number"),
                    offset,
                )
            })?;
        }
        (Target::Blob(into), Token::String) => {
            let text = reader.string()?;
            let decoded = STANDARD.decode(text.as_bytes());
            *into = decoded
                .map_err(|_| DecodeError::at("a blob that is not valid base64", offset))?
                .into();
        }
        (target, _) => return unfit(reader, wanted(&target)).and_then(Err),
    }
    Ok(())
}

fn wanted(target: &Target<'_>) -> &'static str {
    match target {
        Target::Boolean(_) => "a Boolean",
        Target::Integer(_) => "an Integer",
        Target::Long(_) => "a Long",
        Target::Float(_) => "a Float",
        Target::Double(_) => "a Double",
        Target::String(_) | Target::Enum(_) => "a String",
        Target::Blob(_) => "a Blob",
        Target::Timestamp(_) => "a Timestamp",
        Target::Document(_) => "a Document",
        Target::List(_) => "a List",
        Target::Map(_) => "a Map",
        Target::Structure(_) => "a Structure",
    }
}

/// AWS: `STRING_VALUE can not be converted to an Integer`.
#[cold]
fn unfit(reader: &mut Reader<'_>, wanted: &str) -> Result<DecodeError, DecodeError> {
    let found = reader.peek()?;
    let offset = reader.offset();
    // A word that only begins like one is no JSON, rather than of the wrong type.
    if let Some(word) = found.word() {
        reader.word(word)?;
    }
    Ok(DecodeError::at(format!("{} can not be converted to {wanted}", found.name()), offset))
}

#[cold]
fn beyond(value: impl std::fmt::Display, wanted: &str, offset: usize) -> DecodeError {
    DecodeError::at(format!("{value} is beyond the range of {wanted}"), offset)
}

/// A whole number, also when it is spelled `1.0` or `1e3`.
fn whole(text: &str, offset: usize) -> Result<i64, DecodeError> {
    if let Ok(whole) = text.parse() {
        return Ok(whole);
    }
    let number = finite(text, offset)?;
    // 2^63 itself is a float, and beyond the range.
    if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number)
        || !text.contains(['.', 'e', 'E'])
    {
        return Err(beyond(text, "a Long", offset));
    }
    if number.fract() != 0.0 {
        return Err(DecodeError::at(format!("{text} is not a whole number"), offset));
    }
    Ok(number as i64)
}

fn finite(text: &str, offset: usize) -> Result<f64, DecodeError> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(beyond(text, "a Double", offset)),
    }
}

fn not_finite(text: &str, offset: usize) -> Result<f64, DecodeError> {
    match text {
        "NaN" => Ok(f64::NAN),
        "Infinity" => Ok(f64::INFINITY),
        "-Infinity" => Ok(f64::NEG_INFINITY),
        _ => Err(DecodeError::at("STRING_VALUE can not be converted to a number", offset)),
    }
}

fn document(reader: &mut Reader<'_>, depth: usize) -> Result<Document, DecodeError> {
    match reader.peek()? {
        Token::Null => reader.word("null").map(|()| Document::Null),
        Token::True => reader.word("true").map(|()| Document::Boolean(true)),
        Token::False => reader.word("false").map(|()| Document::Boolean(false)),
        Token::String => Ok(Document::String(reader.string()?.into_owned())),
        Token::Number => {
            let offset = reader.offset();
            let text = reader.number()?;
            Ok(match text.parse() {
                Ok(whole) => Document::Integer(whole),
                Err(_) => Document::Double(finite(text, offset)?),
            })
        }
        Token::Array => {
            reader.check_depth(depth)?;
            reader.open();
            let (mut items, mut first) = (Vec::new(), true);
            while reader.item(&mut first)? {
                items.push(document(reader, depth + 1)?);
            }
            Ok(Document::List(items))
        }
        Token::Object => {
            reader.check_depth(depth)?;
            reader.open();
            let (mut entries, mut first) = (std::collections::BTreeMap::new(), true);
            while let Some(key) = reader.key(&mut first)? {
                entries.insert(key.into_owned(), document(reader, depth + 1)?);
            }
            Ok(Document::Map(entries))
        }
    }
}
