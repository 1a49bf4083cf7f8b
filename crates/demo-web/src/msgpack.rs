//! MessagePack, as much as log drivers speak of it: a value at a time from a stream.

use std::io::{self, Error, ErrorKind, Read};

/// Longer than any line that a log driver sends, and short enough to be read into memory.
const LONGEST: usize = 1 << 20;
const DEEPEST: usize = 8;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// Text or bytes: log drivers use both for lines.
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Map(Vec<(Value, Value)>),
    /// Such as an instant finer than a second.
    Extension(Vec<u8>),
}

impl Value {
    /// The next value; `None` if the stream ends before it.
    pub fn read(stream: &mut impl Read) -> io::Result<Option<Value>> {
        let mut first = [0];
        match stream.read(&mut first)? {
            0 => Ok(None),
            _ => value(first[0], stream, DEEPEST).map(Some),
        }
    }

    pub fn text(&self) -> Option<String> {
        match self {
            Self::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        }
    }

    /// The value of a key that is text.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let Self::Map(pairs) = self else { return None };
        let is_it = |found: &Value| *found == Self::Bytes(key.as_bytes().to_vec());
        pairs.iter().find(|(found, _)| is_it(found)).map(|(_, value)| value)
    }
}

fn value(first: u8, stream: &mut impl Read, depth: usize) -> io::Result<Value> {
    let small = usize::from(first);
    Ok(match first {
        0x00..=0x7f => Value::Int(i64::from(first)),
        0x80..=0x8f => map(small & 0x0f, stream, depth)?,
        0x90..=0x9f => list(small & 0x0f, stream, depth)?,
        0xa0..=0xbf => Value::Bytes(bytes(small & 0x1f, stream)?),
        0xc0 => Value::Nil,
        0xc1 => return Err(broken("a byte that begins nothing")),
        0xc2 | 0xc3 => Value::Bool(first == 0xc3),
        0xc4..=0xc6 => Value::Bytes(sized_bytes(1 << (first - 0xc4), stream)?),
        0xc7..=0xc9 => {
            let length = length(1 << (first - 0xc7), stream)?;
            extension(length, stream)?
        }
        0xca => Value::Float(f32::from_be_bytes(array(stream)?).into()),
        0xcb => Value::Float(f64::from_be_bytes(array(stream)?)),
        0xcc => Value::Int(u8::from_be_bytes(array(stream)?).into()),
        0xcd => Value::Int(u16::from_be_bytes(array(stream)?).into()),
        0xce => Value::Int(u32::from_be_bytes(array(stream)?).into()),
        0xcf => Value::Int(u64::from_be_bytes(array(stream)?).try_into().unwrap_or(i64::MAX)),
        0xd0 => Value::Int(i8::from_be_bytes(array(stream)?).into()),
        0xd1 => Value::Int(i16::from_be_bytes(array(stream)?).into()),
        0xd2 => Value::Int(i32::from_be_bytes(array(stream)?).into()),
        0xd3 => Value::Int(i64::from_be_bytes(array(stream)?)),
        0xd4..=0xd8 => extension(1 << (first - 0xd4), stream)?,
        0xd9..=0xdb => Value::Bytes(sized_bytes(1 << (first - 0xd9), stream)?),
        0xdc | 0xdd => {
            let length = length(2 << (first - 0xdc), stream)?;
            list(length, stream, depth)?
        }
        0xde | 0xdf => {
            let length = length(2 << (first - 0xde), stream)?;
            map(length, stream, depth)?
        }
        0xe0..=0xff => Value::Int(i64::from(first as i8)),
    })
}

fn list(length: usize, stream: &mut impl Read, depth: usize) -> io::Result<Value> {
    (0..length).map(|_| inner(stream, depth)).collect::<io::Result<_>>().map(Value::List)
}

fn map(length: usize, stream: &mut impl Read, depth: usize) -> io::Result<Value> {
    let pair = |_| Ok((inner(stream, depth)?, inner(stream, depth)?));
    (0..length).map(pair).collect::<io::Result<_>>().map(Value::Map)
}

fn inner(stream: &mut impl Read, depth: usize) -> io::Result<Value> {
    let depth = depth.checked_sub(1).ok_or_else(|| broken("values too deep inside each other"))?;
    let [first] = array(stream)?;
    value(first, stream, depth)
}

fn extension(length: usize, stream: &mut impl Read) -> io::Result<Value> {
    let [_kind] = array(stream)?;
    bytes(length, stream).map(Value::Extension)
}

fn sized_bytes(size_of_length: usize, stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let length = length(size_of_length, stream)?;
    bytes(length, stream)
}

fn length(size: usize, stream: &mut impl Read) -> io::Result<usize> {
    let read = bytes(size, stream)?;
    Ok(read.into_iter().fold(0, |length, byte| length << 8 | usize::from(byte)))
}

fn bytes(length: usize, stream: &mut impl Read) -> io::Result<Vec<u8>> {
    if length > LONGEST {
        return Err(broken("a value that is too long"));
    }
    let mut read = vec![0; length];
    stream.read_exact(&mut read)?;
    Ok(read)
}

fn array<const N: usize>(stream: &mut impl Read) -> io::Result<[u8; N]> {
    let mut read = [0; N];
    stream.read_exact(&mut read)?;
    Ok(read)
}

fn broken(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("not MessagePack: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut bytes: &[u8]) -> io::Result<Option<Value>> {
        Value::read(&mut bytes)
    }

    #[test]
    fn values_of_every_size_are_read() {
        let text = |text: &str| Value::Bytes(text.as_bytes().to_vec());
        for (bytes, expected) in [
            (&b"\xa2hi"[..], text("hi")),
            (b"\xd9\x02hi", text("hi")),
            (b"\xc5\x00\x02hi", text("hi")),
            (b"\xcd\x01\x00", Value::Int(256)),
            (b"\xff", Value::Int(-1)),
            (b"\xd2\xff\xff\xff\xfe", Value::Int(-2)),
            (b"\xcb\x3f\xf8\0\0\0\0\0\0", Value::Float(1.5)),
            (b"\xc3", Value::Bool(true)),
            (b"\xd7\x00\0\0\0\x01\0\0\0\x02", Value::Extension(vec![0, 0, 0, 1, 0, 0, 0, 2])),
            (b"\xdc\x00\x02\xc0\x01", Value::List(vec![Value::Nil, Value::Int(1)])),
            (b"\x81\xa1a\x01", Value::Map(vec![(text("a"), Value::Int(1))])),
        ] {
            assert_eq!(read(bytes).unwrap(), Some(expected), "{bytes:x?}");
        }
        assert_eq!(read(b"").unwrap(), None);
    }

    #[test]
    fn what_is_broken_or_too_much_is_told() {
        for bytes in [&b"\xc1"[..], b"\xa5hi", b"\xdb\xff\xff\xff\xff", &[0x91; 20]] {
            assert!(read(bytes).is_err(), "{bytes:x?}");
        }
    }
}
