//! Fills a value from CBOR: one recursive function over (shape, target).

use std::borrow::Cow;
use std::collections::BTreeMap;

use berth_aws_api::schema::{Kind, Shape};
use berth_aws_api::{Document, Path, Structure, Target};
use bytes::Bytes;
use minicbor::Decoder;
use minicbor::data::Type;

use crate::DecodeError;

/// How many maps, arrays and tags may be inside each other.
const DEEPEST: usize = 128;

/// 2^53: below it, every whole number is a float of its own.
const EXACT_WHOLE_FLOATS: f64 = 9_007_199_254_740_992.0;

/// Fills a structure from a whole message; an empty message is an empty map.
pub(crate) fn decode(bytes: &[u8], into: &mut dyn Structure) -> Result<(), DecodeError> {
    if bytes.is_empty() {
        return Ok(());
    }
    let mut reader = Reader { from: Decoder::new(bytes) };
    reader.structure(into, &Path::ROOT, 0)?;
    if reader.from.position() < bytes.len() {
        return Err(reader.wrong("something follows the end of the message"));
    }
    Ok(())
}

/// Any value, for errors.
pub(crate) fn decode_document(bytes: &[u8]) -> Result<Document, DecodeError> {
    Reader { from: Decoder::new(bytes) }.document(0)
}

struct Reader<'a> {
    from: Decoder<'a>,
}

/// How many entries are left: a number told beforehand, or until a break.
struct Left(Option<u64>);

impl<'a> Reader<'a> {
    fn structure(
        &mut self,
        into: &mut dyn Structure,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), DecodeError> {
        let mut left = self.begin_map("a Structure", depth).map_err(|error| error.inside(path))?;
        let shape = into.shape();
        let mut hint = 0;
        while self.more(&mut left).map_err(|error| error.inside(path))? {
            let key = self.text().map_err(|error| error.inside(path))?;
            let Some(index) = shape.position(hint, |member| member.wire_name() == key) else {
                self.skip(depth + 1).map_err(|error| error.inside(path))?;
                continue;
            };
            hint = index + 1;
            let member = &shape.members()[index];
            // A key that comes twice counts once: its last.
            into.clear(index);
            let here = path.member(member.name);
            if !self.null().map_err(|error| error.inside(&here))? {
                self.value(member.shape, into.open(index), &here, depth + 1)?;
            }
        }
        Ok(())
    }

    fn value(
        &mut self,
        shape: &'static Shape,
        target: Target<'_>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), DecodeError> {
        match (target, &shape.kind) {
            (Target::Structure(into), _) => self.structure(into, path, depth),
            (Target::List(list), Kind::List(kind)) => {
                let mut left =
                    self.begin_array("a List", depth).map_err(|error| error.inside(path))?;
                let mut index = 0;
                while self.more(&mut left).map_err(|error| error.inside(path))? {
                    self.value(kind.member, list.push(), &path.index(index), depth + 1)?;
                    index += 1;
                }
                Ok(())
            }
            (Target::Map(map), Kind::Map(kind)) => {
                let mut left =
                    self.begin_map("a Map", depth).map_err(|error| error.inside(path))?;
                while self.more(&mut left).map_err(|error| error.inside(path))? {
                    let key = self.text().map_err(|error| error.inside(path))?.into_owned();
                    let here = path.key(&key);
                    if !self.null().map_err(|error| error.inside(&here))? {
                        self.value(kind.value, map.entry(key.clone()), &here, depth + 1)?;
                    }
                }
                Ok(())
            }
            (target, _) => self.scalar(target, depth),
        }
        .map_err(|error| error.inside(path))
    }

    fn scalar(&mut self, target: Target<'_>, depth: usize) -> Result<(), DecodeError> {
        match target {
            Target::String(into) => *into = self.text()?.into_owned(),
            Target::Enum(into) => into.set(&self.text()?),
            Target::Boolean(into) => *into = self.boolean()?,
            Target::Integer(into) => {
                let at = self.from.position();
                let whole = self.whole("an Integer")?;
                *into = i32::try_from(whole).map_err(|_| {
                    DecodeError::at(format!("{whole} is beyond the range of an Integer"), at)
                })?;
            }
            Target::Long(into) => *into = self.whole("a Long")?,
            Target::Float(into) => *into = self.float("a Float")? as f32,
            Target::Double(into) => *into = self.float("a Double")?,
            Target::Blob(into) => *into = self.blob()?,
            Target::Timestamp(into) => {
                while self.kind()? == Type::Tag {
                    self.tag()?;
                }
                let seconds = self.float("a Timestamp")?;
                *into = crate::instant::from_seconds(seconds)
                    .ok_or_else(|| self.wrong("not a date"))?;
            }
            Target::Document(into) => *into = self.document(depth)?,
            Target::List(_) | Target::Map(_) | Target::Structure(_) => {
                unreachable!("a generated type has the kind of its shape")
            }
        }
        Ok(())
    }

    fn document(&mut self, depth: usize) -> Result<Document, DecodeError> {
        Ok(match self.kind()? {
            Type::Null | Type::Undefined => {
                self.skip(depth)?;
                Document::Null
            }
            Type::Bool => Document::Boolean(self.boolean()?),
            Type::F16 | Type::F32 | Type::F64 => Document::Double(self.float("a Double")?),
            Type::String | Type::StringIndef => Document::String(self.text()?.into_owned()),
            Type::Array | Type::ArrayIndef => {
                let mut left = self.begin_array("a List", depth)?;
                let mut items = Vec::new();
                while self.more(&mut left)? {
                    items.push(self.document(depth + 1)?);
                }
                Document::List(items)
            }
            Type::Map | Type::MapIndef => {
                let mut left = self.begin_map("a Map", depth)?;
                let mut entries = BTreeMap::new();
                while self.more(&mut left)? {
                    entries.insert(self.text()?.into_owned(), self.document(depth + 1)?);
                }
                Document::Map(entries)
            }
            Type::Tag => {
                self.check_depth(depth)?;
                self.tag()?;
                self.document(depth + 1)?
            }
            _ => Document::Integer(self.whole("a Document")?),
        })
    }

    fn text(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        match self.kind()? {
            Type::String => self.from.str().map(Cow::Borrowed).map_err(|error| self.broken(&error)),
            Type::StringIndef => {
                let at = self.from.position();
                let pieces = self.from.str_iter().map_err(|error| broken_at(&error, at))?;
                pieces
                    .collect::<Result<String, _>>()
                    .map(Cow::Owned)
                    .map_err(|error| broken_at(&error, at))
            }
            _ => Err(self.unfit("a String")),
        }
    }

    fn blob(&mut self) -> Result<Bytes, DecodeError> {
        match self.kind()? {
            Type::Bytes => {
                self.from.bytes().map(Bytes::copy_from_slice).map_err(|error| self.broken(&error))
            }
            Type::BytesIndef => {
                let at = self.from.position();
                let pieces = self.from.bytes_iter().map_err(|error| broken_at(&error, at))?;
                let pieces: Result<Vec<&[u8]>, _> = pieces.collect();
                Ok(pieces.map_err(|error| broken_at(&error, at))?.concat().into())
            }
            _ => Err(self.unfit("a Blob")),
        }
    }

    fn boolean(&mut self) -> Result<bool, DecodeError> {
        match self.kind()? {
            Type::Bool => self.from.bool().map_err(|error| self.broken(&error)),
            _ => Err(self.unfit("a Boolean")),
        }
    }

    /// A whole number, also when it is spelled as a float.
    fn whole(&mut self, wanted: &str) -> Result<i64, DecodeError> {
        let at = self.from.position();
        match self.kind()? {
            Type::F16 | Type::F32 | Type::F64 => {
                let number = self.float(wanted)?;
                let fits = number.fract() == 0.0 && number.abs() < EXACT_WHOLE_FLOATS;
                let refusal =
                    || DecodeError::at(format!("{number} is not a whole number in range"), at);
                fits.then_some(number as i64).ok_or_else(refusal)
            }
            kind if is_whole(kind) => self
                .from
                .i64()
                .map_err(|_| DecodeError::at("a number beyond the range of a Long", at)),
            _ => Err(self.unfit(wanted)),
        }
    }

    /// A float of any width, or a whole number.
    fn float(&mut self, wanted: &str) -> Result<f64, DecodeError> {
        match self.kind()? {
            Type::F16 => self.half(),
            Type::F32 => self.from.f32().map(f64::from).map_err(|error| self.broken(&error)),
            Type::F64 => self.from.f64().map_err(|error| self.broken(&error)),
            kind if is_whole(kind) => {
                let whole = self.from.int().map_err(|error| self.broken(&error))?;
                Ok(i128::from(whole) as f64)
            }
            _ => Err(self.unfit(wanted)),
        }
    }

    /// IEEE 754 binary16, behind its first byte.
    fn half(&mut self) -> Result<f64, DecodeError> {
        let at = self.from.position();
        let Some([high, low]) = self.from.input().get(at + 1..at + 3) else {
            return Err(self.wrong("the message ends inside of a number"));
        };
        let bits = u16::from_be_bytes([*high, *low]);
        self.from.set_position(at + 3);
        let (exponent, fraction) = (i32::from(bits >> 10 & 0x1F), f64::from(bits & 0x3FF));
        let size = match exponent {
            0 => fraction * 2f64.powi(-24),
            0x1F if fraction == 0.0 => f64::INFINITY,
            0x1F => f64::NAN,
            _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
        };
        Ok(if bits & 0x8000 == 0 { size } else { -size })
    }

    /// Takes a null or undefined, if that is next.
    fn null(&mut self) -> Result<bool, DecodeError> {
        match self.kind()? {
            Type::Null | Type::Undefined => self.skip(0).map(|()| true),
            _ => Ok(false),
        }
    }

    fn begin_map(&mut self, wanted: &str, depth: usize) -> Result<Left, DecodeError> {
        self.check_depth(depth)?;
        match self.kind()? {
            Type::Map | Type::MapIndef => {
                self.from.map().map(Left).map_err(|error| self.broken(&error))
            }
            _ => Err(self.unfit(wanted)),
        }
    }

    fn begin_array(&mut self, wanted: &str, depth: usize) -> Result<Left, DecodeError> {
        self.check_depth(depth)?;
        match self.kind()? {
            Type::Array | Type::ArrayIndef => {
                self.from.array().map(Left).map_err(|error| self.broken(&error))
            }
            _ => Err(self.unfit(wanted)),
        }
    }

    fn more(&mut self, left: &mut Left) -> Result<bool, DecodeError> {
        match &mut left.0 {
            Some(0) => Ok(false),
            Some(number) => {
                *number -= 1;
                Ok(true)
            }
            None if self.kind()? == Type::Break => {
                self.from.set_position(self.from.position() + 1);
                Ok(false)
            }
            None => Ok(true),
        }
    }

    /// Takes a whole value and forgets it.
    fn skip(&mut self, depth: usize) -> Result<(), DecodeError> {
        match self.kind()? {
            Type::Array | Type::ArrayIndef => {
                let mut left = self.begin_array("", depth)?;
                while self.more(&mut left)? {
                    self.skip(depth + 1)?;
                }
                Ok(())
            }
            Type::Map | Type::MapIndef => {
                let mut left = self.begin_map("", depth)?;
                while self.more(&mut left)? {
                    self.skip(depth + 1)?;
                    self.skip(depth + 1)?;
                }
                Ok(())
            }
            Type::Tag => {
                self.check_depth(depth)?;
                self.tag()?;
                self.skip(depth + 1)
            }
            Type::F16 => self.half().map(drop),
            Type::Break | Type::Unknown(_) => Err(self.wrong("a value was expected")),
            _ => self.from.skip().map_err(|error| self.broken(&error)),
        }
    }

    fn tag(&mut self) -> Result<(), DecodeError> {
        self.from.tag().map(drop).map_err(|error| self.broken(&error))
    }

    fn kind(&self) -> Result<Type, DecodeError> {
        self.from.datatype().map_err(|_| self.wrong("the message ends too early"))
    }

    fn check_depth(&self, depth: usize) -> Result<(), DecodeError> {
        if depth < DEEPEST {
            return Ok(());
        }
        Err(self.wrong(&format!("more than {DEEPEST} maps and arrays inside each other")))
    }

    #[cold]
    fn unfit(&self, wanted: &str) -> DecodeError {
        match self.kind() {
            Ok(found) => self.wrong(&format!("{found} can not be converted to {wanted}")),
            Err(error) => error,
        }
    }

    #[cold]
    fn wrong(&self, what: &str) -> DecodeError {
        DecodeError::at(what, self.from.position())
    }

    #[cold]
    fn broken(&self, error: &minicbor::decode::Error) -> DecodeError {
        broken_at(error, self.from.position())
    }
}

fn is_whole(kind: Type) -> bool {
    use Type::{I8, I16, I32, I64, Int, U8, U16, U32, U64};
    matches!(kind, U8 | U16 | U32 | U64 | I8 | I16 | I32 | I64 | Int)
}

#[cold]
fn broken_at(error: &minicbor::decode::Error, at: usize) -> DecodeError {
    DecodeError::at(format!("the message is not valid CBOR: {error}"), at)
}
