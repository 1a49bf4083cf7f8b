//! What a container is called by the engine that runs it.

use std::fmt;

use minicbor::{Decode, Decoder, Encode, Encoder};

/// Docker's are 64 hexadecimal digits, which are kept as the bytes that they stand for: there are as many as containers.
#[derive(Clone, PartialEq, Eq)]
pub struct RuntimeId(Kept);

#[derive(Clone, PartialEq, Eq)]
enum Kept {
    Digits([u8; 32]),
    Text(Box<str>),
}

impl From<&str> for RuntimeId {
    fn from(text: &str) -> Self {
        RuntimeId(match digits(text.as_bytes()) {
            Some(bytes) => Kept::Digits(bytes),
            None => Kept::Text(text.into()),
        })
    }
}

/// The bytes of so many lower-case digits, and of nothing else.
fn digits(text: &[u8]) -> Option<[u8; 32]> {
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    let pairs: &[[u8; 2]; 32] = pairs.try_into().ok()?;
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; 32];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(bytes)
}

impl fmt::Display for RuntimeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kept::Digits(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Kept::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for RuntimeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Digits as their bytes, anything else as text; older records have text only.
impl<C> Encode<C> for RuntimeId {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        match &self.0 {
            Kept::Digits(bytes) => encoder.bytes(bytes)?.ok(),
            Kept::Text(text) => encoder.str(text)?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for RuntimeId {
    fn decode(decoder: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        if decoder.datatype()? != minicbor::data::Type::Bytes {
            return decoder.str().map(RuntimeId::from);
        }
        let bytes = <[u8; 32]>::try_from(decoder.bytes()?);
        let bytes = bytes.map_err(|_| minicbor::decode::Error::message("an id has 32 bytes"))?;
        Ok(RuntimeId(Kept::Digits(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_as_it_was() {
        let docker = "0123456789abcdef".repeat(4);
        for text in [docker.as_str(), &docker.to_uppercase(), &docker[1..], "some-engine", ""] {
            let id = RuntimeId::from(text);
            assert_eq!(matches!(id.0, Kept::Digits(_)), text == docker, "{text}");
            assert_eq!(id.to_string(), text);
            let bytes = minicbor::to_vec(&id).expect("memory takes everything");
            assert_eq!(minicbor::decode::<RuntimeId>(&bytes).expect("it was written so"), id);
            let older = minicbor::to_vec(text).expect("memory takes everything");
            assert_eq!(minicbor::decode::<RuntimeId>(&older).expect("as it was once written"), id);
        }
    }
}
