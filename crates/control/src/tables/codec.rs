//! The encoding of records: CBOR arrays by field number, through minicbor.

use minicbor::encode::write::Writer;
use minicbor::{Decode, Encode};

/// Why bytes from the store are not a record.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DecodeError(String);

impl DecodeError {
    pub fn new(reason: impl Into<String>) -> Self {
        DecodeError(reason.into())
    }
}

impl From<minicbor::decode::Error> for DecodeError {
    fn from(error: minicbor::decode::Error) -> Self {
        DecodeError(error.to_string())
    }
}

/// Appends the record's encoding to `out`.
pub fn encode<R: Encode<()>>(record: &R, out: &mut Vec<u8>) {
    let written = minicbor::encode(record, Writer::new(out));
    written.expect("a Vec takes every byte, and no record refuses to be encoded");
}

/// The record whose encoding is exactly `bytes`.
pub fn decode<R: for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<R, DecodeError> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let record = decoder.decode()?;
    match bytes.len() - decoder.position() {
        0 => Ok(record),
        extra => Err(DecodeError(format!("{extra} bytes follow the record"))),
    }
}

/// Inside `impl Record for T`: `encode` and `decode` by `T`'s minicbor traits.
#[macro_export]
macro_rules! record_codec {
    () => {
        fn encode(&self, out: &mut ::std::vec::Vec<u8>) {
            $crate::tables::encode(self, out)
        }

        fn decode(bytes: &[u8]) -> ::std::result::Result<Self, $crate::tables::DecodeError> {
            $crate::tables::decode(bytes)
        }
    };
}
